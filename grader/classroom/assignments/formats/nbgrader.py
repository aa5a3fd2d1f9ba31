"""nbgrader: regions in the source, and points in the metadata of cells.

`### BEGIN SOLUTION` to `### END SOLUTION` becomes a stub, and a solution cell without regions is
replaced whole. `### BEGIN HIDDEN TESTS` and `### BEGIN MARK SCHEME` regions are taken out. The
metadata `nbgrader` (schema 3) says which cells are graded: tests (grade and locked), answers graded
by hand (grade and solution), tasks (task). It stays, with its checksum made anew, so that a release
is one that nbgrader takes. A notebook that has regions alone is read as well.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from grader.classroom.assignments.notebook import (
    CODE_STUB,
    TEXT_STUB,
    Cell,
    Converted,
    Question,
    cut_regions,
)
from grader.classroom.assignments.steps import answer_steps, given, plain_code
from grader.errors import UsageError
from grader.exams.notebook_questions.work import Step

SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
HIDDEN = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
SCHEME = ("BEGIN MARK SCHEME", "END MARK SCHEME")
AUTOTEST = re.compile(r"^\s*###\s*(?:HASHED\s+)?AUTOTEST\b.*$", re.MULTILINE)


def is_one(cells: Sequence[Cell]) -> bool:
    """Whether a cell has nbgrader's metadata or one of its regions."""
    marks = (SOLUTION[0], HIDDEN[0], SCHEME[0])
    for cell in cells:
        if "nbgrader" in cell.metadata:
            return True
        if cell.kind != "raw" and any(f"### {mark}" in cell.source for mark in marks):
            return True
        if cell.kind == "code" and AUTOTEST.search(cell.source):
            return True
    return False


def converted(cells: Sequence[Cell]) -> Converted:
    """Return what learners get of a source."""
    found = Converted()
    for number, cell in enumerate(cells, start=1):
        refuse_automatic_test(cell, number)
        found.cells.append(student_cell(cell, found))
    return found


def refuse_automatic_test(cell: Cell, number: int) -> None:
    """Raise UsageError for a cell whose tests nbgrader makes by running the teacher's solution.

    Nothing is run here, and what is left without those tests is a comment that everybody passes.
    """
    line = AUTOTEST.search(cell.source) if cell.kind == "code" else None
    if line is None:
        return
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    where = f"cell {number}" + (f" ({name})" if name else "")
    raise UsageError(
        f"{where} has {line.group().strip()!r}: nbgrader makes such tests by running the solution, "
        "which isn't done here. Write what is to hold as assertions in its place, such as "
        "`assert total == 6`, between `### BEGIN HIDDEN TESTS` and `### END HIDDEN TESTS` if "
        "learners are not to see them"
    )


def student_cell(cell: Cell, found: Converted) -> Cell:
    """Return a cell without what learners may not see, and note its question."""
    marks = cell.metadata.get("nbgrader", {})
    is_answer = bool(marks.get("solution"))
    stub = CODE_STUB if cell.kind == "code" else TEXT_STUB
    source, solution = cut_regions(cell.source, *SOLUTION, stub)
    if is_answer and not solution:
        solution = cell.source.split("\n")
        source = stub
    source, hidden = cut_regions(source, *HIDDEN, None)
    source, scheme = cut_regions(source, *SCHEME, None)
    found.secrets += ["\n".join(part) for part in (solution, hidden, scheme) if part]
    if marks.get("grade") or marks.get("task"):
        found.questions.append(question_of(cell, marks, "\n".join(scheme or solution)))
    if cell.kind == "code":
        found.steps += steps_of(cell, marks, source)
        found.solved.append("\n".join(solved_lines(cell.source)[0]))
    metadata = {}
    if marks:
        metadata = {"nbgrader": with_checksum(marks, source, cell.kind)}
    return Cell(cell.kind, source.rstrip("\n"), metadata, cell.id)


def steps_of(cell: Cell, marks: dict[str, Any], shown: str) -> list[Step]:
    """Return what of a code cell is run when a notebook is graded. shown: what learners get."""
    lines, is_answer = solved_lines(cell.source)
    if marks.get("grade") and not marks.get("solution"):
        test = Step(
            kind="test",
            question=str(marks.get("grade_id", "")),
            group="tests",
            source=plain_code("\n".join(lines)).strip("\n"),
            shown=plain_code(shown).strip("\n"),
            worth=float(marks.get("points", 0)),
            is_partial=True,
        )
        return [test]
    if marks.get("solution") and not any(is_answer):
        is_answer = [True] * len(lines)
    return answer_steps(lines, is_answer) if any(is_answer) else given("\n".join(lines))


def solved_lines(source: str) -> tuple[list[str], list[bool]]:
    """Return a cell's lines without its markers, and which of them belong to a solution."""
    lines: list[str] = []
    is_answer: list[bool] = []
    is_inside = False
    for line in source.split("\n"):
        if SOLUTION[0] in line or SOLUTION[1] in line:
            is_inside = SOLUTION[0] in line
        elif not any(mark in line for mark in (*HIDDEN, *SCHEME)):
            lines.append(line)
            is_answer.append(is_inside)
    return lines, is_answer


def question_of(cell: Cell, marks: dict[str, Any], rubric: str) -> Question:
    """Return the question that a graded cell stands for."""
    is_manual = bool(marks.get("solution") or marks.get("task"))
    return Question(
        id=str(marks.get("grade_id", "")),
        points=float(marks.get("points", 0)),
        is_manual=is_manual,
        tests=() if is_manual else (cell.source,),
        rubric=rubric if is_manual else "",
    )


def with_checksum(marks: dict[str, Any], source: str, kind: str) -> dict[str, Any]:
    """Return the metadata of a released cell."""
    kept = {key: value for key, value in marks.items() if key != "checksum"}
    if not (kept.get("grade") or kept.get("locked") or kept.get("solution")):
        return kept
    total = hashlib.md5(usedforsecurity=False)
    parts = [source.rstrip("\n"), kind]
    parts += [str(bool(kept.get(each))) for each in ("grade", "solution", "locked")]
    parts.append(str(kept.get("grade_id", "")))
    if kept.get("grade"):
        parts.append(str(float(kept.get("points", 0))))
    for part in parts:
        total.update(part.encode("utf-8", "replace"))
    return {**kept, "checksum": total.hexdigest(), "cell_type": kind}
