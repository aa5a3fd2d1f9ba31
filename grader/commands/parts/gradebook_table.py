"""A gradebook in the terminal, and as plain values for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from grader.commands.parts.console import console, say, warn
from grader.records.gradebook import Grade, Gradebook, LearnerGrades
from grader.terminal import columns

NOTHING = "-"


def print_gradebook(book: Gradebook, task_id: str | None = None) -> None:
    """Print a row for each learner: points after the rules, and what changed them."""
    tasks = [task.id for task in book.tasks if task_id in (None, task.id)]
    heading = ["learner", *tasks, "total"]
    heading += ["late days left"] if book.has_bank else []
    rows = []
    for row in book.rows:
        cells = [row.learner.author, *(cell_of(row.grades[task]) for task in tasks)]
        cells.append(f"{row.total:.1f}")
        rows.append(tuple(cells + ([str(row.bank_left)] if book.has_bank else [])))
    columns(console(), tuple(heading), rows)
    say("* after the rules of the course. The total is of 100, over the whole course.", wrap=False)
    if book.unknown:
        warn([f"not on the roster, left out: {', '.join(map(repr, book.unknown[:8]))}"])


def cell_of(grade: Grade) -> str:
    """Return points, with a mark where the rules changed them."""
    if grade.points is None:
        return NOTHING
    mark = "*" if grade.raw is not None and grade.points != grade.raw else ""
    return f"{grade.points:g}{mark}"


def grades_as_dict(book: Gradebook, task_id: str | None = None) -> list[dict[str, Any]]:
    """Return every learner's grades as plain values."""
    return [row_as_dict(row, task_id) for row in book.rows]


def row_as_dict(row: LearnerGrades, task_id: str | None) -> dict[str, Any]:
    grades = []
    for grade in row.grades.values():
        if task_id in (None, grade.task):
            grades.append(asdict(grade))
    return {
        "id": row.learner.id,
        "author": row.learner.author,
        "total": row.total,
        "so_far": row.so_far,
        "bank_left": row.bank_left,
        "grades": grades,
    }
