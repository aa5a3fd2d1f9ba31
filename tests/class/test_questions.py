"""A notebook with questions, from its source to points by tests and by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from support.factories import make_function_result, make_task
from support.here import grader_here as grader

from grader.classroom.assignments.build import build
from grader.classroom.assignments.steps import answer_steps
from grader.classroom.assignments.task_folder import task_files, task_id
from grader.classroom.marking import marked, read_sheet, sheet_of
from grader.course.curriculum import find_task_folder
from grader.errors import Busy, UsageError
from grader.grading.pipeline import rescore
from grader.records import CaseGroup, Result
from grader.results.store import load_results


def cell(kind: str, source: str, **marks: Any) -> dict[str, Any]:
    every = {"grade": False, "solution": False, "locked": False, "task": False}
    metadata = {"nbgrader": every | {"schema_version": 3} | marks} if marks else {}
    made: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        made |= {"execution_count": None, "outputs": []}
    return made


ADD = "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION"
ADD_TEST = """assert add(1, 2) == 3
### BEGIN HIDDEN TESTS
assert add(4711, 1) == 4712
### END HIDDEN TESTS"""
TWICE = "def twice(a):\n    ### BEGIN SOLUTION\n    return 2 * a\n    ### END SOLUTION"
WHY = "Full marks for naming the sum."
CELLS = [
    cell("code", "import numpy as np\n%matplotlib inline"),
    cell("code", ADD, solution=True, grade_id="add"),
    cell("code", ADD_TEST, grade=True, locked=True, points=3, grade_id="test_add"),
    cell("code", TWICE, solution=True, grade_id="twice"),
    cell(
        "code",
        "assert np.allclose(twice(np.ones(2)), 2)",
        grade=True,
        locked=True,
        points=2,
        grade_id="test_twice",
    ),
    cell("markdown", WHY, grade=True, solution=True, points=2.5, grade_id="why"),
]


def notebook(folder: Path, name: str, *cells: dict[str, Any]) -> Path:
    path = folder / name
    found = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(found))
    return path


def test_questions_by_tests_and_by_hand_are_one_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook(tmp_path, "Homework 1.ipynb", *CELLS)
    done = grader("assignment", "build", "Homework 1.ipynb", "--no-try", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path / "assignment" / "tasks"))
    # One answer is right, the other ends the process that it runs in.
    right = cell("code", "def add(a, b):\n    print('log', a)\n    return a + b")
    ends = cell("code", "import os\ndef twice(a):\n    os._exit(0)")
    notebook(tmp_path, "ada.ipynb", CELLS[0], right, ends)
    words = ("ada.ipynb", "--task", "homework-1", "--author", "Ada", "--sandbox", "process")
    done = grader("run", *words, cwd=tmp_path)
    assert "test_add tests: 3 of 3 points" in done.stdout
    assert "test_twice tests: 0 of 2 points" in done.stdout
    assert "why by hand: waits for a person, 2.5 points" in done.stdout
    [result], _ = load_results(tmp_path / "results")
    log = tmp_path / "results" / "homework-1" / result.id / "log.txt"
    assert not log.is_file() or "4711" not in log.read_text()
    assert result.score is not None
    assert result.score.total == pytest.approx(100 * 3 / 7.5, abs=0.01)

    assert grader("assignment", "sheet", "homework-1", cwd=tmp_path).returncode == 0
    [row] = csv.DictReader(io.StringIO((tmp_path / "marks.csv").read_text("utf-8-sig")))
    assert (row["learner"], row["question"], row["of"], row["points"]) == ("Ada", "why", "2.5", "")
    row |= {"points": "1,5", "comment": "the reason is missing"}
    with (tmp_path / "marks.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    done = grader("assignment", "mark", "homework-1", "marks.csv", cwd=tmp_path)
    assert "1 marks, 1 results changed" in done.stdout
    [result], _ = load_results(tmp_path / "results")
    assert result.score is not None
    assert result.score.total == pytest.approx(100 * 4.5 / 7.5, abs=0.01)
    assert grader("report", cwd=tmp_path).returncode == 0
    pages = [path.read_text() for path in (tmp_path / "site").rglob("*.html")]
    assert any("1.5 of 2.5 points" in page and "the reason is missing" in page for page in pages)


def test_the_task_of_an_assignment_has_every_point_and_hides_in_nothing(tmp_path: Path) -> None:
    found = build(notebook(tmp_path, "hw.ipynb", *CELLS))
    folder = tmp_path / task_id("hw")
    for name, content in task_files("hw", found.work, found.student, found.reference).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    task = find_task_folder(folder)
    assert task.spec.scoring.groups == {
        "test_add/tests": 3.0,
        "test_twice/tests": 2.0,
        "why/by hand": 2.5,
    }
    assert b"4712" not in (folder / "starter" / "hw.ipynb").read_bytes()
    assert b"return a + b" in (folder / "reference" / "solution" / "hw.ipynb").read_bytes()


def test_another_test_is_another_exam_and_another_rubric_is_not(tmp_path: Path) -> None:
    def version(name: str, *cells: dict[str, Any]) -> str:
        found = build(notebook(tmp_path, "hw.ipynb", *cells))
        folder = tmp_path / name / "hw"
        for file, content in task_files("hw", found.work, b"", b"").items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        return find_task_folder(folder).exam_version

    other_test = ADD_TEST.replace("4712", "4713").replace("4711, 1", "4711, 2")
    again = cell("code", other_test, grade=True, locked=True, points=3, grade_id="test_add")
    rubric = cell("markdown", "x", grade=True, solution=True, points=2.5, grade_id="why")
    first = version("a", *CELLS)
    assert version("b", *CELLS[:2], again, *CELLS[3:]) != first
    assert version("c", *CELLS[:-1], rubric) == first


def test_what_was_given_in_an_answer_cell_is_the_teachers() -> None:
    lines = [
        "import math",
        "x, y = 1, 2",
        "def given(a):",
        "    return a",
        "@given",
        "def mine(a):",
        "    return a + 1",
        "for k in range(2):",
        "    z = k",
    ]
    mask = [False] * 6 + [True, False, True]
    steps = answer_steps(lines, mask)
    assert [step.kind for step in steps] == ["given", "given", "given", "answer", "answer"]
    assert [step.names for step in steps[3:]] == [["mine"], ["k", "z"]]


def test_a_machine_that_is_busy_leaves_the_assignment_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy("other programs took the processors")

    monkeypatch.setattr("grader.commands.assignment.rehearse", busy)
    notebook(tmp_path, "hw.ipynb", *CELLS)
    done = grader("assignment", "build", "hw.ipynb", cwd=tmp_path)
    assert done.returncode == 0
    assert "the tests were not tried: other programs took the processors" in done.stderr
    assert (tmp_path / "assignment" / "tasks" / "hw" / "task.toml").is_file()


# Marks.


def graded_by_hand(author: str, **changes: Any) -> Result:
    group = CaseGroup(function="why", group="by hand", status="by_hand", cases=0, passed=0, worth=2)
    return make_function_result(author, 5).model_copy(update={"cases": [group]} | changes)


def test_a_sheet_survives_a_spreadsheet(tmp_path: Path) -> None:
    """It is written with names that a spreadsheet would run, and read back from Windows' CSV."""
    results = [graded_by_hand("=cmd|' /C calc'!A0"), graded_by_hand("محمد O'Neil")]
    rows = list(csv.reader(io.StringIO(sheet_of(results).decode("utf-8-sig"))))
    assert rows[1][0].startswith("'=")
    path = tmp_path / "marks.csv"
    path.write_bytes(
        f"learner;result;question;of;points\r\né;{results[0].id};why;2;1,5".encode("cp1252")
    )
    marks, empty = read_sheet(path)
    assert (marks[0].points, empty) == (1.5, 0)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Ada,{id},why,2,3,", "expected at most 2"),
        ("Ada,{id},why,2,-1,", "are no points"),
        ("Ada,{id},why,2,many,", "are no points"),
        ("Ada,{id},what,2,1,", "'what' is no question"),
        ("Ada,x,why,2,1,", "there is no result 'x'"),
    ],
)
def test_a_wrong_mark_is_one_message_and_changes_nothing(
    tmp_path: Path, row: str, says: str
) -> None:
    result = graded_by_hand("Ada")
    path = tmp_path / "marks.csv"
    good = f"Ada,{result.id},why,2,2,"
    path.write_text(
        f"learner,result,question,of,points,comment\n{good}\n{row.format(id=result.id)}\n"
    )
    with pytest.raises(UsageError, match=says):
        marked([result], read_sheet(path)[0], make_task("neuron"), rescore)


def test_a_sheet_that_lost_a_column_says_which(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("learner,question,of,points\nAda,why,2,1\n")
    with pytest.raises(UsageError, match="no column 'result'"):
        read_sheet(path)


def test_the_same_files_get_their_mark_in_every_result(tmp_path: Path) -> None:
    first = graded_by_hand("Ada")
    again = first.model_copy(update={"id": f"{first.id}-again"})
    other = graded_by_hand("Ben", id="ben")
    path = tmp_path / "marks.csv"
    path.write_text(f"learner,result,question,of,points\nAda,{first.id},why,2,2\n")
    found = marked([first, again, other], read_sheet(path)[0], make_task("neuron"), rescore)
    assert {after.id for _, after in found.results} == {first.id, again.id}
    assert all(after.cases[0].won == 2 for _, after in found.results)
