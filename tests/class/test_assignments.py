"""Student notebooks: hidden parts never leave, no point is lost, and what is given away runs."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.here import grader_here

from grader.classroom.assignments.build import build
from grader.commands.assignment import imposter
from grader.errors import GraderError, UsageError
from grader.exams.notebook_questions.work import Step, Work

KERNEL = {"name": "python3", "display_name": "Python 3"}
SECRETS = ("secret_sum = x @ w", "hidden_case", "Full marks for naming", "42.4242")


def cell(kind: str, source: str, **metadata: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        output = {"output_type": "stream", "name": "stdout", "text": "42.4242\n"}
        made |= {"execution_count": 3, "outputs": [output]}
    return made


def graded(grade_id: str, **marks: Any) -> dict[str, Any]:
    every = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": every | {"schema_version": 3, "grade_id": grade_id} | marks}


def source_file(folder: Path, *cells: dict[str, Any]) -> Path:
    notebook = {
        "cells": list(cells),
        "metadata": {"kernelspec": KERNEL, "x": "42.4242"},
    }
    path = folder / "source.ipynb"
    path.write_text(json.dumps(notebook | {"nbformat": 4, "nbformat_minor": 4}))
    return path


MANUAL = graded("why", grade=True, solution=True, points=2.5)
OTTER_SOLUTION = """def weighted(x, w):
    # BEGIN SOLUTION
    secret_sum = x @ w
    return secret_sum
    # END SOLUTION
answer = 42.4242 # SOLUTION
left_out = 42.4242 # SOLUTION NO PROMPT"""
HIDDEN_TEST = '''""" # BEGIN TEST CONFIG
hidden: true
points: 2
""" # END TEST CONFIG
hidden_case = 1'''
SECOND = "# BEGIN QUESTION\nname: q2\nmanual: true\npoints:\n  - 1\n  - 1.5"
ALONE = """def f():
    ### BEGIN SOLUTION
    return 42.4242
    ### END SOLUTION"""
OUT_OF_ORDER = "x = 1\n### END SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION"


def nbgrader_source(folder: Path) -> Path:
    """A notebook with every kind of nbgrader's cells."""
    return source_file(
        folder,
        cell("markdown", "# Neurons"),
        cell(
            "code",
            "def weighted(x, w):\n    ### BEGIN SOLUTION\n    secret_sum = x @ w\n"
            "    return secret_sum\n    ### END SOLUTION",
            **graded("weighted", solution=True),
        ),
        cell(
            "code",
            "assert callable(weighted)\n### BEGIN HIDDEN TESTS\nhidden_case = [1, 2]\n"
            "assert weighted(hidden_case, 3)\n### END HIDDEN TESTS",
            **graded("test_weighted", grade=True, locked=True, points=3),
        ),
        cell(
            "markdown",
            "Full marks for naming the sum.",
            **MANUAL,
        ),
        cell(
            "markdown",
            "Plot it.\n### BEGIN MARK SCHEME\nFull marks for naming the axes\n### END MARK SCHEME",
            **graded("plot", task=True, points=4),
        ),
        cell("code", "secret_sum = x @ w\nprint(42.4242)", **graded("whole", solution=True)),
    )


def otter_source(folder: Path) -> Path:
    """A notebook with every kind of otter's markers, in raw and in fenced cells."""
    return source_file(
        folder,
        cell("raw", "# ASSIGNMENT CONFIG\nname: hw1\nsolutions_pdf: true"),
        cell("raw", "# BEGIN QUESTION\nname: q1\npoints: 3"),
        cell("markdown", "**Question 1.** A weighted sum."),
        cell("raw", "# BEGIN SOLUTION"),
        cell("code", OTTER_SOLUTION),
        cell("raw", "# END SOLUTION"),
        cell("raw", "# BEGIN TESTS"),
        cell("code", "assert callable(weighted)"),
        cell("code", HIDDEN_TEST),
        cell("code", "# HIDDEN\nhidden_case = 2"),
        cell("raw", "# END TESTS"),
        cell("raw", "# END QUESTION"),
        cell("markdown", f"```otter\n{SECOND}\n```"),
        cell("markdown", "Why?"),
        cell("markdown", "```otter\n# BEGIN SOLUTION\n```"),
        cell("markdown", "Full marks for naming the reason."),
        cell("markdown", "```otter\n# END SOLUTION\n```"),
        cell("markdown", "```otter\n# END QUESTION\n```"),
        cell("raw", "# BEGIN QUESTION\nname: q3"),
        cell("raw", "# BEGIN TESTS"),
        cell("code", '""" # BEGIN TEST CONFIG\npoints: 0.5\n""" # END TEST CONFIG\nassert True'),
        cell("code", '""" # BEGIN TEST CONFIG\npoints: 1\n""" # END TEST CONFIG\nassert 1'),
        cell("raw", "# END TESTS"),
        cell("raw", "# END QUESTION"),
    )  # fmt: skip


@pytest.mark.parametrize("made", [nbgrader_source, otter_source])
def test_no_hidden_part_is_in_the_bytes_that_learners_get(tmp_path: Path, made: Any) -> None:
    path = made(tmp_path)
    assert all(secret in path.read_text() for secret in SECRETS)
    done = grader_here("assignment", "build", path, "--to", "out", "--no-try", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for file in (tmp_path / "out" / "student").rglob("*"):
        content = file.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret!r} is in {file.name}"
    kept = (tmp_path / "out" / "private" / "questions.json").read_text()
    assert "hidden_case" in kept
    assert "Full marks for naming" in (tmp_path / "out" / "private" / "rubric.html").read_text()


def test_no_point_of_nbgrader_is_lost(tmp_path: Path) -> None:
    found = build(nbgrader_source(tmp_path))
    assert {each.id: (each.points, each.is_manual) for each in found.questions} == {
        "test_weighted": (3.0, False),
        "why": (2.5, True),
        "plot": (4.0, True),
    }
    assert found.points == 9.5
    assert "Full marks for naming the axes" in found.questions[2].rubric


def test_no_point_of_otter_is_lost(tmp_path: Path) -> None:
    found = build(otter_source(tmp_path))
    assert {each.id: (each.points, each.is_manual) for each in found.questions} == {
        "q1": (3.0, False),
        "q2": (2.5, True),
        "q3": (1.5, False),
    }
    assert len(found.questions[0].tests) == 3
    text = found.student.decode()
    assert "answer = ..." in text
    assert "left_out" not in text
    assert "BEGIN" not in text


@pytest.mark.parametrize("made", [nbgrader_source, otter_source])
def test_the_student_notebook_is_one_and_its_code_runs_up_to_the_answers(
    tmp_path: Path, made: Any
) -> None:
    notebook = nbformat.reads(build(made(tmp_path)).student.decode(), as_version=4)
    nbformat.validate(notebook)
    space: dict[str, Any] = {}
    for each in notebook.cells:
        if each.cell_type == "code":
            assert each.outputs == []
            quiet = contextlib.redirect_stdout(io.StringIO())
            with quiet, contextlib.suppress(NotImplementedError):
                exec(compile(each.source, "cell", "exec"), space)
    assert callable(space["weighted"])


def test_a_released_cell_has_the_checksum_that_nbgrader_makes(tmp_path: Path) -> None:
    notebook = json.loads(build(nbgrader_source(tmp_path)).student)
    test = notebook["cells"][2]
    source = "".join(test["source"])
    parts = (source, "code", "True", "False", "True", "test_weighted", "3.0")
    expected = hashlib.md5("".join(parts).encode()).hexdigest()
    assert test["metadata"]["nbgrader"]["checksum"] == expected


def test_regions_alone_are_enough(tmp_path: Path) -> None:
    path = source_file(
        tmp_path,
        cell("code", ALONE),
    )
    found = build(path)
    assert b"return 42.4242" not in found.student
    assert b"    raise NotImplementedError()" in found.student


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([cell("code", "x = 1")], "no other marker"),
        ([cell("code", "### BEGIN SOLUTION\nx = 1")], "never ends"),
        (
            [cell("code", OUT_OF_ORDER)],
            "without a",
        ),
        ([cell("raw", "# BEGIN QUESTION\nname: q")], "no `# END QUESTION`"),
        ([cell("raw", "# BEGIN QUESTION\npoints: 1"), cell("raw", "# END QUESTION")], "no name"),
        (
            [cell("code", "a", **graded("q", grade=True, locked=True, points=1))] * 2,
            "two questions are called 'q'",
        ),
        ([cell("code", "x = (\n### BEGIN SOLUTION\n1)\n### END SOLUTION")], "no valid Python"),
    ],
)
def test_one_message_says_what_is_wrong_and_nothing_is_written(
    tmp_path: Path, cells: list[dict[str, Any]], says: str
) -> None:
    path = source_file(tmp_path, *cells)
    with pytest.raises(UsageError, match=says):
        build(path)
    done = grader_here("assignment", "build", path, "--to", "out", "--no-try", cwd=tmp_path)
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_solution_that_stands_a_second_time_is_not_given_away(tmp_path: Path) -> None:
    lines = "    total = sum(values)\n    return total / len(values)"
    region = f"def mean(values):\n    ### BEGIN SOLUTION\n{lines}\n    ### END SOLUTION"
    path = source_file(tmp_path, cell("code", region), cell("code", f"def again(values):\n{lines}"))
    with pytest.raises(GraderError, match="Nothing was written"):
        build(path)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"cells": [1]}', b"\xff\xfe"])
def test_what_is_no_notebook_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no notebook"):
        build(path)


@pytest.mark.parametrize("made", [nbgrader_source, otter_source])
def test_every_point_is_in_the_task_that_grades(tmp_path: Path, made: Any) -> None:
    found = build(made(tmp_path))
    assert sum(found.work.groups.values()) == pytest.approx(found.points)
    for question in found.questions:
        groups = [name for name in found.work.groups if name.startswith(f"{question.id}/")]
        worth = sum(found.work.groups[name] for name in groups)
        assert worth == pytest.approx(question.points), question.id


def cells_of_tests(*points: str) -> list[dict[str, Any]]:
    """Return the test cells of a question, each with its own points or without."""
    config = '""" # BEGIN TEST CONFIG\npoints: {}\n""" # END TEST CONFIG\n'
    cells = [cell("raw", "# BEGIN TESTS")]
    for each in points:
        cells.append(cell("code", (config.format(each) if each else "") + "assert True"))
    return [*cells, cell("raw", "# END TESTS"), cell("raw", "# END QUESTION")]


@pytest.mark.parametrize(
    ("question", "tests", "worths"),
    [
        ("points: 3", ["", "", ""], [1, 1, 1]),
        ("points: 3", ["2", ""], [2, 1]),
        ("points: [1, 2.5]", ["", ""], [1, 2.5]),
        ("points:\n  - 1\n  - 2.5", ["", ""], [1, 2.5]),
        ("manual: false", ["", "2"], [0, 2]),
        ("manual: false", ["", ""], [0.5, 0.5]),
        ("points: 6", ["1", "2"], [2, 4]),
        ("points: 0", ["", ""], [0, 0]),
    ],
)
def test_points_of_otters_questions_are_shared_out_to_the_last(
    tmp_path: Path, question: str, tests: list[str], worths: list[float]
) -> None:
    begin = cell("raw", f"# BEGIN QUESTION\nname: q\n{question}")
    found = build(source_file(tmp_path, begin, *cells_of_tests(*tests)))
    assert [step.worth for step in found.work.tests] == pytest.approx(worths)


@pytest.mark.parametrize(
    ("test", "count", "is_refused"),
    [
        ("f(2) == 2", None, True),
        ("f(2) == 2", 3, True),
        ("f(2)", None, True),
        ("for x in (1, 2):\n    print(f(x))", None, True),
        ("f(2)", 3, False),
        ("assert f(2) == 2", None, False),
        ("import numpy as np\nnp.testing.assert_allclose(f(2), 2)", None, False),
    ],
)
def test_a_test_whose_output_was_not_saved_is_refused(
    tmp_path: Path, test: str, count: int | None, is_refused: bool
) -> None:
    """Without the right output beside it, any answer would be as good."""
    graded_cell = cell("code", test) | {"execution_count": count, "outputs": []}
    path = source_file(
        tmp_path,
        cell("raw", "# BEGIN QUESTION\nname: q"),
        cell("raw", "# BEGIN TESTS"),
        graded_cell,
        cell("raw", "# END TESTS"),
        cell("raw", "# END QUESTION"),
    )
    if not is_refused:
        assert build(path).work.tests[0].expected == ""
        return
    with pytest.raises(UsageError, match="run the source first"):
        build(path)


@pytest.mark.parametrize("line", ["### AUTOTEST total", "    ### HASHED AUTOTEST f(2); f(3)"])
def test_an_automatic_test_is_refused_by_name(tmp_path: Path, line: str) -> None:
    marks = graded("sums", grade=True, locked=True, points=1)
    block = f"if True:\n{line}\n    pass"
    path = source_file(tmp_path, cell("code", "total = 6"), cell("code", block, **marks))
    with pytest.raises(UsageError, match=r"cell 2 \(sums\) has '### (HASHED )?AUTOTEST") as raised:
        build(path)
    assert "assert total == 6" in str(raised.value)


def test_the_imposter_is_empty_and_has_the_shape_of_the_right_answer(tmp_path: Path) -> None:
    work = Work(steps=[Step(kind="answer", names=["f", "g", "table", "broken", "missing"])])
    source = (
        "import numpy as np\ndef g(x):\n    return x + 1\n"
        "def f(x):\n    return g(x) * np.ones(3)\n"
        "table = np.ones((2, 2))\ndef broken():\n    raise ValueError\n"
    )
    reference = json.dumps({"cells": [cell("code", source)]}).encode()
    space: dict[str, Any] = {}
    for each in json.loads(imposter(work, reference))["cells"]:
        exec(each["source"], space)
    assert space["f"](1).shape == (0, 3)
    assert (space["f"](1) == [7, 8, 9]).all()
    assert space["g"](1).shape == (0,)
    assert space["table"].shape == (0, 2, 2)
    assert space["broken"]().shape == (0,)
    assert space["missing"].shape == (0,)
