"""The lines of the source that a diagnosis names are kept, and of the source nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.doctor.named_lines import AROUND, LINE_CHARACTERS, MOST_PLACES, named_lines
from grader.records import Diagnosis, NamedLines

NOTEBOOK = """# --- cell 1, 2 lines ---
import torch
first = 1

# --- cell 2, 3 lines ---
before = 1
named = 2
after = 3

# --- cell 3, 1 line ---
last = 1
"""


def diagnosis(where: str) -> Diagnosis:
    return Diagnosis(
        code="some-mistake",
        text_id="doctor.some-mistake",
        title="A mistake",
        severity="essential",
        where=where,
    )


def found(folder: Path, *places: str, file: str = "solution.py") -> list[NamedLines]:
    return named_lines(folder, file, [diagnosis(where) for where in places])


def test_the_named_line_is_kept_with_two_lines_on_either_side(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("\n".join(f"line_{n} = {n}" for n in range(1, 21)))
    (kept,) = found(tmp_path, "solution.py:10")
    assert (kept.where, kept.line, kept.first) == ("solution.py:10", 10, 8)
    assert kept.lines == [f"line_{n} = {n}" for n in range(8, 13)]
    (kept,) = found(tmp_path, "solution.py:1")
    assert (kept.first, len(kept.lines)) == (1, 1 + AROUND)


def test_of_a_notebook_the_lines_are_those_of_the_cell(tmp_path: Path) -> None:
    (tmp_path / "work_notebook.py").write_text(NOTEBOOK)
    (kept,) = found(tmp_path, "work.ipynb, cell 2, line 2", file="work_notebook.py")
    assert (kept.line, kept.first) == (2, 1)
    assert kept.lines == ["before = 1", "named = 2", "after = 3"]
    assert found(tmp_path, "work.ipynb, cell 9, line 1", file="work_notebook.py") == []


def test_what_is_kept_is_clean_and_short(tmp_path: Path) -> None:
    hostile = "x = '\x1b[31m\u202eevil'" + "y" * 1000
    (tmp_path / "solution.py").write_text(f"def f():\n\t{hostile}\n")
    (kept,) = found(tmp_path, "solution.py:2")
    assert kept.lines[1].startswith("    x = 'evil'")
    assert len(kept.lines[1]) == LINE_CHARACTERS
    many = [f"solution.py:{1 + n % 2}" for n in range(9)] + ["solution.py:1"]
    assert len(found(tmp_path, *many)) == 2 < MOST_PLACES


@pytest.mark.parametrize(
    "where", ["", "solution.py", "solution.py:0", "solution.py:99", "gone.py:1", "../outside.py:1"]
)
def test_a_place_that_is_not_in_the_submission_is_left_out(tmp_path: Path, where: str) -> None:
    (tmp_path / "outside.py").write_text("secret = 1\n")
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "solution.py").write_text("one = 1\n")
    assert found(folder, where) == []


def test_a_link_out_of_the_submission_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("secret = 1\n")
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "solution.py").symlink_to(tmp_path / "outside.py")
    assert found(folder, "solution.py:1") == []
