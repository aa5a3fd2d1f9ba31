"""What the class page shows where there is a class: grades by the rules, and how the plan stands.

Everything comes from one gradebook, so the page agrees with boards and exports to the point.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from grader.records import Status
from grader.records.gradebook import ClassView, Grade, Gradebook, PlannedTask, Regraded, SimilarPair
from grader.text import shown_name
from reports.contents import Contents
from reports.numbers import DASH, points_text
from reports.pages.columns import Column
from reports.words import VERDICTS

NAME_CHARACTERS = 40
MOST_LISTED = 50
QUARTERS = 4


@dataclass(frozen=True)
class TaskProgress:
    """How the class stands with one task."""

    title: str
    weight: float
    deadline: str
    handed_in: int
    accepted: int
    late: int
    median: str
    quartiles: str


@dataclass(frozen=True)
class ClassGrades:
    """The sections about grades; empty where there is no class."""

    learners: int = 0
    has_bank: bool = False
    progress: list[TaskProgress] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    regrades: list[Regraded] = field(default_factory=list)
    similar: list[SimilarPair] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def column_data(self) -> list[dict[str, Any]]:
        return [column.plain() for column in self.columns]


def class_grades(view: ClassView | None, contents: Contents) -> ClassGrades:
    """Return what the page shows of a class."""
    if view is None:
        return ClassGrades()
    book = view.gradebook
    return ClassGrades(
        learners=len(book.rows),
        has_bank=book.has_bank,
        progress=[progress_of(task, book) for task in book.tasks],
        columns=columns_of(book),
        rows=rows_of(book, contents),
        regrades=list(reversed(view.regrades))[:MOST_LISTED],
        similar=list(view.similar)[:MOST_LISTED],
        unknown=[shown_name(author, NAME_CHARACTERS) for author in book.unknown[:MOST_LISTED]],
    )


def progress_of(task: PlannedTask, book: Gradebook) -> TaskProgress:
    """Return how many have done a task, and how well."""
    grades = [row.grades[task.id] for row in book.rows]
    points = [grade.points for grade in grades if grade.points is not None]
    return TaskProgress(
        title=shown_name(task.title, NAME_CHARACTERS),
        weight=task.weight,
        deadline="" if task.deadline is None else f"{task.deadline:%Y-%m-%d %H:%M %Z}",
        handed_in=len(points),
        accepted=sum(grade.status == Status.ACCEPTED for grade in grades),
        late=sum(grade.late_days > 0 for grade in grades),
        median=points_text(statistics.median(points)) if points else DASH,
        quartiles=quartiles_text(points),
    )


def quartiles_text(points: list[float]) -> str:
    """Return the middle half of some points; a dash where there are too few to have one."""
    if len(points) < QUARTERS:
        return DASH
    low, _, high = statistics.quantiles(points, n=QUARTERS, method="inclusive")
    return f"{points_text(low)} to {points_text(high)}"


def columns_of(book: Gradebook) -> list[Column]:
    """Return the columns of the gradebook."""
    about = "of 100, over the whole course"
    columns = [
        Column("author", "Learner", "author"),
        Column("section", "Section", choices=True),
        Column("total", "Total", "figure", greatest_first=True, about=about),
        Column("so_far", "So far", "figure", greatest_first=True, about="of what is due"),
    ]
    if book.has_bank:
        columns.append(Column("bank", "Late days left", "figure", greatest_first=True))
    for task in book.tasks:
        title = shown_name(task.title, NAME_CHARACTERS)
        columns.append(Column("task", title, "cell", greatest_first=True))
    return columns


def rows_of(book: Gradebook, contents: Contents) -> list[list[Any]]:
    """Return a row for each learner, in the order of the roster."""
    addresses = addresses_of(contents)
    rows = []
    for row in book.rows:
        learner = row.learner
        cells: list[Any] = [shown_name(learner.author, NAME_CHARACTERS)]
        cells.append(shown_name(learner.section, NAME_CHARACTERS, missing="") or None)
        cells += [figure(row.total), figure(row.so_far)]
        if book.has_bank:
            cells.append([str(row.bank_left), row.bank_left])
        cells += [cell_of(row.grades[task.id], addresses) for task in book.tasks]
        rows.append(cells)
    return rows


def addresses_of(contents: Contents) -> dict[str, str]:
    """Return the address of each run's page by the path of its folder."""
    found = {}
    for run in contents.runs:
        found[run.summary.path] = contents.result_address(run.summary.mark)
    return found


def figure(value: float | None) -> list[Any] | None:
    return None if value is None else [points_text(value), value]


def cell_of(grade: Grade, addresses: dict[str, str]) -> list[Any] | None:
    """Return text, points to sort by, address, verdict, its symbol and what it says."""
    if grade.points is None or grade.path not in addresses:
        return None
    word = VERDICTS[Status(grade.status)]
    said = "; ".join([word.text, *remarks_in_short(grade.remarks)])
    mark = "*" if grade.points != grade.raw else ""
    text = f"{points_text(grade.points)}{mark}"
    return [text, grade.points, addresses[grade.path], grade.status, word.symbol, said]


def remarks_in_short(remarks: Iterable[str]) -> list[str]:
    return [shown_name(remark, 2 * NAME_CHARACTERS) for remark in remarks]
