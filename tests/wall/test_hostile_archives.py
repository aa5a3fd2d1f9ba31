"""Archives, folders and notebooks made to hurt whoever opens them; tests/test_submission.py has the
usual ones.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.paths import ROOT

import grader.intake.archives
import grader.intake.copying
from grader.errors import SubmissionRefused
from grader.intake.archives import MAX_MESSAGE_BYTES, run_opener
from grader.intake.copying import MAX_TOTAL_MIB
from grader.intake.submission import open_submission
from grader.records import Submission

CODE = "def train(data):\n    return None\n"
MIB = 1 << 20
HOST_BYTES = 8 * MIB  # what opening something may take of the grader's own memory


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "handed-in"
    folder.mkdir()
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "grader"


@pytest.fixture(autouse=True)
def nothing_outside(tmp_path: Path, into: Path, here: Path) -> Iterator[None]:
    """Whatever is opened, nothing is written but below the grader's own folder."""
    yield
    assert {path.name for path in tmp_path.iterdir()} <= {into.name, here.name, "target"}


def opened(path: Path, into: Path) -> Submission:
    return open_submission(path, into, task_id="digits", author="Ada")[0]


def refused(path: Path, into: Path) -> str:
    with pytest.raises(SubmissionRefused) as caught:
        opened(path, into)
    said = str(caught.value)
    assert said.isprintable(), said
    assert len(said) < 1000
    return said


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solution.py", CODE)
        for name in names:
            archive.writestr(name, "x = 1\n")
    return path


# Zips.

TRICKS = {
    "newline": ("a\nPASS 100.py", "U+000A"),
    "carriage return": ("a\rb.py", "U+000D"),
    "escape": ("\x1b]0;owned\x07.py", "U+001B"),
    "C1 control": ("a\x9b31mb.py", "U+009B"),
    "right to left": ("a\u202eyp.tset", "U+202E RIGHT-TO-LEFT OVERRIDE"),
    "line separator": ("a\u2028b.py", "U+2028 LINE SEPARATOR"),
}
WAYS_OUT = {
    "share": "//host/share/a.py",
    "share of Windows": "\\\\host\\a.py",
    "dots inside": "parts/../../a.py",
    "dots of Windows": "parts\\..\\..\\a.py",
    "dots behind a drive": "C:/../a.py",
    "root": "/a.py",
}
DEEP = {"deep": "/".join("d" * 30) + "/a.py", "very deep": "d/" * 20_000 + "a.py"}
# name -> what it is called here
TAKEN = {
    "zero width": ("solu\u200btion.txt", "solution.txt"),
    "byte order mark": ("\ufeffa.py", "a.py"),
    "300 letters": ("x" * 300 + ".py", "x" * 237 + ".py"),
    "254 letters of two bytes": ("\u00e4" * 254, "\u00e4" * 120),
    "400 bytes of emoji": ("\U0001f600" * 100 + ".csv", "\U0001f600" * 59 + ".csv"),
    "an option": ("-rf", "-rf"),
    "an option below": ("parts/--checkpoint-action=exec=sh", "parts/--checkpoint-action=exec=sh"),
    "trailing dot": ("a.py.", "a.py."),
    "trailing blank": ("a.py ", "a.py "),
    "question": ("Is it 7? <1:30> |*|.txt", "Is it 7? <1:30> |*|.txt"),
    "drive": ("C:/Users/ada/a.py", "Users/ada/a.py"),
    "backslashes": ("parts\\net.py", "parts/net.py"),
    "dots alone": ("...", "..."),
    "Persian with a joiner": ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.py",) * 2,
    "a family": ("\U0001f468\u200d\U0001f469\u200d\U0001f467.txt",) * 2,
    "capital suffix": ("NET.PY", "NET.py"),
    "saved as a text": ("net.py.txt", "net.py"),
}


@pytest.mark.parametrize(("name", "says"), TRICKS.values(), ids=TRICKS)
def test_a_name_that_tricks_its_reader_is_refused_with_the_character(
    here: Path, into: Path, name: str, says: str
) -> None:
    said = refused(zipped(here / "unfit.zip", name), into)
    assert "cannot be displayed" in said
    assert says in said


@pytest.mark.parametrize("name", WAYS_OUT.values(), ids=WAYS_OUT)
def test_a_path_that_leaves_the_zip_is_refused(here: Path, into: Path, name: str) -> None:
    assert "not a path inside the zip" in refused(zipped(here / "unfit.zip", name), into)


@pytest.mark.parametrize("name", DEEP.values(), ids=DEEP)
def test_a_path_of_very_many_folders_is_refused(here: Path, into: Path, name: str) -> None:
    assert "folders deep" in refused(zipped(here / "unfit.zip", name), into)


def test_a_member_that_is_a_folder_alone_is_passed_over(here: Path, into: Path) -> None:
    path = zipped(here / "unfit.zip", "X")
    path.write_bytes(path.read_bytes().replace(b"X", b"/"))
    assert opened(path, into).file == "solution.py"


@pytest.mark.parametrize(("name", "called"), TAKEN.values(), ids=TAKEN)
def test_a_name_that_only_looks_odd_is_taken_in_a_zip_and_a_change_is_said(
    here: Path, into: Path, name: str, called: str
) -> None:
    submission = opened(zipped(here / "odd.zip", name), into)
    assert (submission.folder / called).is_file()
    is_said = any(note.endswith(f"is called {called} here") for note in submission.notes)
    assert is_said == (name != called and not name.startswith(("C:", "parts\\")))


def test_a_path_too_long_for_the_disk_is_refused_in_words(here: Path, into: Path) -> None:
    """Each of its folders may be called so; all of them together are more than a path holds."""
    path = "/".join(["\U0001f600" * 59] * 19) + "/a.py"
    assert "cannot be unpacked" in refused(zipped(here / "long.zip", path), into)


def test_a_file_that_is_also_a_folder_is_refused_in_words(here: Path, into: Path) -> None:
    assert "cannot be unpacked" in refused(zipped(here / "both.zip", "parts", "parts/net.py"), into)


@pytest.mark.parametrize(
    "name", ["CON", "nul.txt", "aux.py", "COM1", "$(touch owned)", "`id`", "a;b", "~root", "&&"]
)
def test_a_name_that_is_special_elsewhere_is_a_name_here(here: Path, into: Path, name: str) -> None:
    """No shell is ever asked, and only Windows minds the others."""
    submission = opened(zipped(here / "shell.zip", name), into)
    assert sorted(path.name for path in submission.folder.iterdir()) == sorted(
        [name, "solution.py"]
    )
    assert submission.file == "solution.py"


@pytest.mark.parametrize("bit", [0x1, 0x41], ids=["old encryption", "strong encryption"])
def test_an_encrypted_zip_is_refused(here: Path, into: Path, bit: int) -> None:
    path = zipped(here / "locked.zip")
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(signature) + offset
        raw[at : at + 2] = struct.pack("<H", bit)
    path.write_bytes(raw)
    assert "encrypted" in refused(path, into)


@pytest.mark.parametrize("method", [9, 12, 14, 93, 99])
def test_a_way_of_packing_that_is_not_common_is_refused(
    here: Path, into: Path, method: int
) -> None:
    path = zipped(here / "packed.zip")
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = raw.index(signature) + offset
        raw[at : at + 2] = struct.pack("<H", method)
    path.write_bytes(raw)
    assert "solution.py" in refused(path, into)


KINDS = {
    "link": stat.S_IFLNK,
    "socket": stat.S_IFSOCK,
    "block device": stat.S_IFBLK,
    "folder as a file": stat.S_IFDIR,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_special_member_is_refused_even_if_it_is_not_the_first(
    here: Path, into: Path, kind: int
) -> None:
    path = here / "special.zip"
    member = zipfile.ZipInfo("parts/data.csv")
    member.create_system = 3
    member.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solution.py", CODE)
        archive.writestr(member, "/etc/passwd")
    assert "link or a special file" in refused(path, into)


def test_a_zip_in_front_of_which_another_program_lies_is_still_only_unpacked(
    here: Path, into: Path
) -> None:
    """Such a file is a program for a shell and a zip for us."""
    path = zipped(here / "both.zip")
    path.write_bytes(b"#!/bin/sh\ntouch owned\nexit\n" + path.read_bytes())
    assert opened(path, into).file == "solution.py"


def test_a_zip_in_a_zip_is_a_file(here: Path, into: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", bytes(50 * MIB))
    path = here / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solution.py", CODE)
        archive.writestr("inner.zip", inner.getvalue())
    submission = opened(path, into)
    assert sum(file.stat().st_size for file in submission.folder.iterdir()) < MIB


def test_a_bomb_of_many_small_members_ends_at_the_limits(here: Path, into: Path) -> None:
    """Each stays below the ratio that is looked at; together they are more than the task takes."""
    path = here / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("solution.py", CODE)
        for number in range(60):
            archive.writestr(f"f{number}.txt", bytes(MIB))
    assert "MiB of files" in refused(path, into)


def test_the_list_of_files_may_be_told_in_the_64_bit_form(here: Path, into: Path) -> None:
    path = here / "wide.zip"
    with (
        zipfile.ZipFile(path, "w", allowZip64=True) as archive,
        archive.open("solution.py", "w", force_zip64=True) as file,
    ):
        file.write(CODE.encode())
    assert opened(path, into).file == "solution.py"


# Folders.


@pytest.mark.parametrize("name", ["a\nPASS.py", "\x1b[31m.py", "a\u202eb", "a\x9bb"])
@pytest.mark.parametrize("below", [False, True])
def test_a_folder_with_an_unfit_name_is_refused(
    here: Path, into: Path, name: str, below: bool
) -> None:
    (here / "solution.py").write_text(CODE)
    place = here / "parts" if below else here
    place.mkdir(exist_ok=True)
    (place / name).write_text("x = 1\n")
    assert "cannot be displayed" in refused(here, into)


def test_a_name_that_is_no_text_is_refused(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    Path(os.fsdecode(os.fsencode(here) + b"/\xff\xfe.py")).write_text("x = 1\n")
    assert "cannot be displayed" in refused(here, into)


def test_a_script_with_an_unfit_name_is_refused(here: Path, into: Path) -> None:
    script = here / "a\x1b]0;PASS\x07.py"
    script.write_text(CODE)
    assert "cannot be displayed" in refused(script, into)


def test_a_folder_nested_without_end_is_refused(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    descriptor = os.open(here, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    assert "nested more than 20 deep" in refused(here, into)
    os.system(f"rm -rf '{here}'/d")  # too deep for Python's own ways


def test_very_many_empty_folders_are_refused(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    for number in range(501):
        (here / f"d{number}").mkdir()
    assert "500 folders" in refused(here, into)


@pytest.mark.parametrize("way", ["folder", "script", "notebook"])
def test_a_sparse_giant_is_refused_before_it_is_copied(here: Path, into: Path, way: str) -> None:
    (here / "solution.py").write_text(CODE)
    name = {"folder": "table.csv", "script": "giant.py", "notebook": "giant.ipynb"}[way]
    with (here / name).open("wb") as file:
        file.truncate(1 << 40)
    assert f"{MAX_TOTAL_MIB} MiB" in refused(here if way == "folder" else here / name, into)
    assert sum(path.stat().st_size for path in into.rglob("*") if path.is_file()) < MIB


def test_a_pipe_in_place_of_a_script_is_refused_and_not_waited_for(here: Path, into: Path) -> None:
    os.mkfifo(here / "solution.py")
    assert "not a regular file" in refused(here / "solution.py", into)


def test_a_file_that_becomes_a_link_while_it_is_read_leads_nowhere(
    here: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder on a shared drive can be changed by its owner between the look and the copy."""
    (here / "solution.py").write_text(CODE)
    (here / "notes.txt").symlink_to("/etc/passwd")
    monkeypatch.setattr(Path, "is_symlink", lambda path: False)
    assert "notes.txt cannot be read" in refused(here, into)
    assert not list(into.rglob("notes.txt"))


def test_a_folder_that_becomes_a_link_while_it_is_read_leads_nowhere(
    here: Path, into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "net.py").write_text("secret = 1\n")
    (here / "solution.py").write_text(CODE)
    (here / "parts").mkdir()
    (here / "parts" / "net.py").write_text("x = 1\n")
    walk = os.fwalk

    def swapping(top: Any, **options: Any) -> Iterator[Any]:
        for entry in walk(top, **options):
            if entry[0].endswith("parts"):
                (here / "parts").rename(here / "parts-before")
                (here / "parts").symlink_to(tmp_path / "target")
            yield entry

    monkeypatch.setattr(grader.intake.copying.os, "fwalk", swapping)
    submission = opened(here, into)
    assert (submission.folder / "parts" / "net.py").read_text() == "x = 1\n"


@pytest.mark.parametrize("name", ["Dockerfile", "disk.img", "solution.pyz", "solution.whl"])
def test_an_image_or_a_package_is_not_a_submission(here: Path, into: Path, name: str) -> None:
    (here / name).write_bytes(b"PK\x03\x04" if name.endswith(("pyz", "whl")) else b"FROM scratch\n")
    assert "a submission is a folder, .py, .ipynb or .zip" in refused(here / name, into)


# Notebooks, at the opener's own limits: a task's are smaller.


def notebook(path: Path, cells: list[dict[str, Any]] | str, **changes: Any) -> Path:
    body = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}} | changes
    if isinstance(cells, str):
        path.write_text(json.dumps(body)[:-1] + f', "cells": [{cells}]}}')
    else:
        path.write_text(json.dumps(body | {"cells": cells}))
    return path


def cell(source: Any, outputs: Any = ()) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "outputs": list(outputs),
        "execution_count": None,
        "source": source,
    }


def unopened(path: Path, target: Path) -> str:
    with pytest.raises(SubmissionRefused) as caught:
        run_opener("notebook", path, target)
    assert not target.exists() or target.stat().st_size == 0
    return str(caught.value)


def test_a_notebook_of_a_million_cells_is_refused(here: Path, into: Path) -> None:
    path = notebook(here / "many.ipynb", ",".join([json.dumps(cell(""))] * 1_000_000))
    assert "at most 64 MiB are accepted" in unopened(path, into)


def test_a_notebook_full_of_lines_to_report_reports_few(here: Path, into: Path) -> None:
    """Two million lines are noted in the child, and a page of them comes out."""
    into.mkdir()
    path = notebook(here / "magic.ipynb", [cell("%x\n" * 200_000)])
    tracemalloc.start()
    notes = run_opener("notebook", path, into / "made.py")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(notes) == 51
    assert notes[-1] == "and 199950 more lines like these"
    assert peak < HOST_BYTES


def test_a_huge_picture_in_an_output_stays_outside(here: Path, into: Path) -> None:
    into.mkdir()
    picture = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": "A" * (30 * MIB)},
    }
    assert (
        run_opener(
            "notebook", notebook(here / "fat.ipynb", [cell("x = 1", [picture])]), into / "made.py"
        )
        == []
    )
    assert (into / "made.py").stat().st_size < 1000


STRANGE: dict[str, dict[str, Any]] = {
    "a format to come": {"nbformat": 99},
    "no format": {"nbformat": None},
    "a text as format": {"nbformat": "4"},
    "a format below zero": {"nbformat": -4},
    "an infinite format": {"nbformat": float("inf")},
    "a giant number": {"nbformat": 10**4000},
    "cells that are a number": {"cells": 7},
    "a cell that is a text": {"cells": ["x = 1"]},
    "a cell without a kind": {"cells": [{"source": "x = 1"}]},
    "source of numbers": {"cells": [cell([1, 2])]},
    "half a character": {"cells": [cell("x = '\ud800'")]},
}


@pytest.mark.parametrize("changes", STRANGE.values(), ids=STRANGE)
def test_a_strange_notebook_is_refused_in_words_or_read(
    here: Path, into: Path, changes: dict[str, Any]
) -> None:
    into.mkdir()
    body = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell("x = 1")]} | changes
    path = here / "strange.ipynb"
    path.write_text(json.dumps(body))
    assert re.match(
        r"strange\.ipynb: (not a readable notebook|the notebook)", unopened(path, into / "made.py")
    )


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_brackets_within_brackets_end_the_child_at_most(here: Path, into: Path, depth: int) -> None:
    """Code too deep for Python's own parser: noted, or refused; never a trouble of the grader's."""
    into.mkdir()
    path = notebook(
        here / "deep.ipynb",
        [cell("x = " + "(" * depth + ")" * depth), cell("y = " + "-" * depth + "1")],
    )
    try:
        notes = run_opener("notebook", path, into / "made.py")
    except SubmissionRefused as said:
        notes = [str(said)]
    assert notes


# The child and its limits.


def test_whatever_the_child_prints_only_a_page_is_read(
    here: Path, into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child opens hostile files: what became of it is not to be trusted either."""
    child = tmp_path / "target"
    child.write_text(
        "import os\nfor _ in range(1000):\n"
        "    os.write(1, b'x' * 99_999 + b'\\n')\n    os.write(2, b'y' * 99_999)\n"
    )
    program = f"exec(open({str(child)!r}).read())"
    monkeypatch.setattr(grader.intake.archives, "PROGRAM", program)
    tracemalloc.start()
    notes = run_opener("zip", here / "any.zip", into)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, notes)) <= MAX_MESSAGE_BYTES
    assert peak < HOST_BYTES


LIMITED = """
import resource
import sys

from grader.intake.opener.main import main

code = main("zip", sys.argv[1], sys.argv[2])
limits = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)
print(code, *(resource.getrlimit(limit)[1] for limit in limits))
"""


def test_the_child_cannot_take_memory_time_or_disk_without_end(tmp_path: Path) -> None:
    """The limits it sets itself, seen from inside."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "none.zip"), str(tmp_path / "target")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    said, limits = done.stdout.splitlines()
    assert "not a readable zip" in said
    code, memory, seconds, file = map(int, limits.split())
    assert code == 2
    assert 0 < memory <= 1024 * MIB
    assert 0 < seconds <= 30
    assert 0 < file <= MAX_TOTAL_MIB * MIB
