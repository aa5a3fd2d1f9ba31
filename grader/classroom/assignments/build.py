"""From the source of an assignment to what learners get, and what only whoever grades has."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from grader.classroom.assignments import formats
from grader.classroom.assignments.notebook import (
    Cell,
    Converted,
    Question,
    leaked,
    lines_of,
    notebook_bytes,
    read_notebook,
)
from grader.classroom.assignments.steps import plain_code
from grader.classroom.roster import twice
from grader.errors import GraderError, UsageError
from grader.exams.notebook_questions.work import ByHand, Work


@dataclass(frozen=True)
class Built:
    """A student notebook, and the questions with their points."""

    student: bytes
    questions: list[Question]
    format: str
    work: Work  # what is run when it is graded, with the hidden parts
    reference: bytes  # the notebook with its solutions

    @property
    def points(self) -> float:
        return sum(question.points for question in self.questions)

    def questions_content(self) -> bytes:
        """Return what only whoever grades has, as JSON."""
        content = []
        for question in self.questions:
            content.append(
                {
                    "id": question.id,
                    "points": question.points,
                    "graded": "by hand" if question.is_manual else "by tests",
                    "tests": list(question.tests),
                    "rubric": question.rubric,
                }
            )
        found = {"points": self.points, "questions": content}
        return (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def build(path: Path) -> Built:
    """Make the student notebook of a source. Raises UsageError for what is wrong with the source.

    Raises GraderError, and nothing is made, if anything that was taken out is in it all the same.
    """
    cells, about = read_notebook(path)
    name, module = format_of(cells, path)
    found: Converted = module.converted(cells)
    check_questions(found.questions, path)
    student = notebook_bytes(found.cells, about)
    lost = leaked(student, found.secrets, lines_of(found.cells)) or repeated(found)
    if lost:
        raise GraderError(
            f"{path}: a line that was to be taken out is in the student notebook all the same: "
            f"{lost[0]!r}. Nothing was written; it may stand in a second place, outside of the "
            "regions"
        )
    check_code(cells, found.cells, path)
    solved = [Cell("code", source) for source in found.solved]
    reference = notebook_bytes(solved, about)
    return Built(student, found.questions, name, work_of(found), reference)


def work_of(found: Converted) -> Work:
    """Return the steps of an assignment, and the questions that a person grades."""
    by_hand = [
        ByHand(question=each.id, worth=each.points, rubric=each.rubric)
        for each in found.questions
        if each.is_manual
    ]
    return Work(steps=found.steps, by_hand=by_hand)


def repeated(found: Converted) -> list[str]:
    """Return regions of several lines that stand a second time in what learners see.

    A single line may well: `return total`, or a test that is public too.
    """
    public = "\n".join(cell.source for cell in found.cells)
    again = []
    for secret in found.secrets:
        block = secret.strip("\n")
        if "\n" in block and block in public:
            again.append(block)
    return again


def format_of(cells: Sequence[Cell], path: Path) -> tuple[str, ModuleType]:
    """Return the format that a source is in. Raises UsageError if it is in none."""
    names = sorted(each.name for each in pkgutil.iter_modules(formats.__path__))
    for name in reversed(names):  # otter's markers are found before nbgrader's regions
        module = importlib.import_module(f"{formats.__name__}.{name}")
        if module.is_one(cells):
            return name, module
    raise UsageError(
        f"{path} has no `### BEGIN SOLUTION` and no other marker of {' or '.join(names)}; expected "
        "the source of an assignment, with its solutions"
    )


def check_questions(questions: Sequence[Question], path: Path) -> None:
    """Raise UsageError for two questions of one name, or one without."""
    ids = [question.id for question in questions]
    if "" in ids:
        raise UsageError(f"{path}: a graded cell has no name (grade_id); give it one")
    doubled = twice(ids)
    if doubled:
        raise UsageError(f"{path}: two questions are called {doubled[0]!r}; rename one of them")


def check_code(before: Sequence[Cell], after: Sequence[Cell], path: Path) -> None:
    """Raise UsageError if a cell of the student notebook is no Python although the source was."""
    if not all(is_python(cell) for cell in before):
        return  # another language, or broken before
    for number, cell in enumerate(after, start=1):
        if not is_python(cell):
            raise UsageError(
                f"{path}: cell {number} of the student notebook is no valid Python once the "
                "solution is taken out; leave the line above the region complete"
            )


def is_python(cell: Cell) -> bool:
    if cell.kind != "code" or cell.source.lstrip().startswith("%%"):
        return True
    try:
        ast.parse(plain_code(cell.source))
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True
