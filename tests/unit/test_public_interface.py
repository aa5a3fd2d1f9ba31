"""What `grader` promises to other programs and to task authors: complete, documented, quick."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

import grader
from grader import interface
from grader.course import curriculum
from grader.course.curriculum import course_folder

DOCUMENTED = {
    "grader": grader,
    "grader.interface": interface,
    "grader.course.curriculum": curriculum,
}
TASK_FILES = sorted(course_folder("tasks").glob("*/task.py"))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_example_runs_and_prints_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_TASKS", raising=False)
    found = doctest.testmod(DOCUMENTED[name], verbose=False)
    assert found.attempted > 0
    assert found.failed == 0


def examples() -> str:
    """Return the source of every example, of the package and of each public name."""
    parser = doctest.DocTestParser()
    texts = [grader.__doc__ or ""]
    texts += [inspect.getdoc(getattr(grader, name)) or "" for name in grader.__all__]
    return "".join(each.source for text in texts for each in parser.get_examples(text))


@pytest.mark.parametrize("name", grader.__all__)
def test_every_public_name_is_there_documented_and_in_an_example(name: str) -> None:
    assert inspect.getdoc(getattr(grader, name))
    words = {
        getattr(node, "attr", None) or getattr(node, "id", None)
        for node in ast.walk(ast.parse(examples()))
    }
    assert name in words


def test_what_is_public_has_one_home_and_nothing_else_has() -> None:
    made = [name for names in grader.MADE_IN.values() for name in names]
    assert sorted(made) == sorted(grader.__all__)
    assert set(grader.__all__) <= set(dir(grader))
    with pytest.raises(AttributeError, match="no attribute 'gade'"):
        grader.gade  # noqa: B018


def test_an_import_brings_nothing_else_along() -> None:
    code = "import sys, grader; print(*(name for name in sys.modules if name.startswith('grader')))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["grader"]


@pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: path.parent.name)
def test_a_task_imports_nothing_of_the_grader_but_its_public_names(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert not [each.name for each in node.names if each.name.startswith("grader.")]
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grader"):
            assert node.module == "grader"
            assert {each.name for each in node.names} <= set(grader.__all__)


def test_types_are_promised_to_those_who_check_theirs() -> None:
    """hatchling packs whatever lies in the package, so the marker comes along."""
    assert (ROOT / "grader" / "py.typed").is_file()


def test_unreadable_results_are_left_out_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A command that ran in this process may have taken the log to itself.
    monkeypatch.setattr("logging.Logger.propagate", True, raising=False)
    folder = tmp_path / "results" / "neuron" / "broken"
    folder.mkdir(parents=True)
    (folder / "result.json").write_text("{")
    assert grader.load_results(tmp_path / "results") == []
    assert "broken" in caplog.text


def test_a_frame_has_a_column_for_each_measurement_and_its_interval() -> None:
    frozen = grader.load_results(ROOT / "tests" / "data" / "results_before", "digits")
    table = grader.results_frame(frozen)
    assert len(table) == len(frozen) == 1
    accuracy = frozen[0].measurements["accuracy"]
    row = table.iloc[0]
    assert (row["accuracy"], row["accuracy_low"], row["accuracy_high"]) == (
        accuracy.value,
        accuracy.low,
        accuracy.high,
    )
    assert row["task"] == "digits"
    assert str(table["created_at"].dt.tz) == "UTC"
