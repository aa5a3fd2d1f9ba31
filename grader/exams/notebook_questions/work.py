"""The steps of an assignment, as `grader assignment build` writes them beside its task.toml.

A step is a cell of the teacher's ("given"), a cell that learners write ("answer", with the names
that it defines), or a test. The file is for whoever grades: it holds the hidden tests. What is
asked decides about the version of the exam; rubrics don't (grader/course/versions.py).
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from grader.course.versions import QUESTIONS_FILE
from grader.errors import TaskError
from grader.records import Record, problems_in

BY_HAND = "by hand"


class Step(Record):
    """One cell.

    code: of a given or an answer cell, what the tests' box runs of it. source, shown: of a test,
    with its hidden parts and without; worth: its points. expected: what the test prints and
    returns, where its format says so. is_partial: a number that it returns is the points it earns.
    """

    kind: Literal["given", "answer", "test"]
    code: str = ""
    names: list[str] = Field(default_factory=list)
    question: str = ""
    group: str = ""
    source: str = ""
    shown: str = ""
    worth: Annotated[float, Field(ge=0)] = 0
    expected: str = ""
    is_partial: bool = False


class ByHand(Record):
    """A question that a person grades."""

    question: str
    worth: Annotated[float, Field(ge=0)]
    rubric: str = ""


class Work(Record):
    """Everything about the questions of one notebook."""

    steps: list[Step] = Field(default_factory=list)
    by_hand: list[ByHand] = Field(default_factory=list)

    @property
    def tests(self) -> list[Step]:
        """The tests, in their order."""
        return [step for step in self.steps if step.kind == "test"]

    @property
    def groups(self) -> dict[str, float]:
        """The points of each group of cases, as [scoring.groups] in task.toml has them."""
        found = {f"{test.question}/{test.group}": test.worth for test in self.tests}
        return found | {f"{each.question}/{BY_HAND}": each.worth for each in self.by_hand}

    def for_examiner(self, skipped: set[int], told: str | None = None) -> dict[str, Any]:
        """Return what the tests' box is given.

        skipped: numbers of tests that are not run. told: what an earlier box said of the public
        tests before it asked anything hidden; None if none came so far.
        """
        steps: list[dict[str, Any]] = []
        number = 0
        for step in self.steps:
            if step.kind != "test":
                steps.append({"kind": step.kind, "code": step.code, "names": step.names})
                continue
            steps.append(
                {
                    "kind": "test",
                    "number": number,
                    "question": step.question,
                    "source": step.source,
                    "shown": step.shown,
                    "expected": step.expected,
                    "partial": step.worth if step.is_partial else 0.0,
                }
            )
            number += 1
        return {"steps": steps, "skip": sorted(skipped), "told": told}


def read_work(folder: Path) -> Work:
    """Return the questions of a task. TaskError if its file is missing or wrong."""
    path = folder / QUESTIONS_FILE
    try:
        work = Work.model_validate(json.loads(path.read_text("utf-8")))
    except OSError:
        raise TaskError(
            f"{folder} has exam = 'questions' but no {QUESTIONS_FILE}; `grader assignment build` "
            "writes one"
        ) from None
    except ValidationError as error:
        raise TaskError(f"{path}: {'; '.join(problems_in(error))}") from None
    except ValueError as error:
        raise TaskError(f"{path} is not valid JSON: {error}") from None
    for test in work.tests:
        if not test.expected and not test.is_partial and needs_output(test.source, was_run=True):
            raise TaskError(
                f"{path}: the test {test.question}/{test.group} ends in an expression and has no "
                "`expected`, so it would pass whatever is handed in. Write `assert` before the "
                'expression, or say what it must show, such as "expected": "True"'
            )
    return work


def needs_output(source: str, *, was_run: bool) -> bool:
    """Whether a test says by its output what is right, so that without one anything would be.

    A call may return nothing and print nothing. So of a cell that was run and has no output, it is
    believed that there was none; of one that was not run, only where it is called an assertion.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return False
    last = body[-1] if body else None
    value = last.value if isinstance(last, ast.Expr) else None
    if value is not None and not isinstance(value, ast.Call):
        return True
    if was_run:
        return False
    if isinstance(value, ast.Call) and not called(value).lower().startswith("assert"):
        return True
    nodes = ast.walk(ast.Module(body, []))
    return any(isinstance(node, ast.Call) and called(node) == "print" for node in nodes)


def called(call: ast.Call) -> str:
    """Return the last name of what is called: `assert_equal` of `np.testing.assert_equal(...)`."""
    name = call.func
    if isinstance(name, ast.Attribute):
        return name.attr
    return name.id if isinstance(name, ast.Name) else ""
