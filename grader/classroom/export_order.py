"""What an export is made from, and what several of them need."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType

from grader.classroom import exports
from grader.classroom.tables import Table
from grader.course.curriculum import Task
from grader.errors import UsageError
from grader.records import Result
from grader.records.gradebook import Grade, Gradebook, Learner, PlannedTask

ABOUT = re.compile(r"`grader export (?P<name>[a-z]+)`: (?P<about>.+?)\.?(?:\n|$)")
SHOWN_COLUMNS = 12


@dataclass(frozen=True)
class Order:
    """Everything an export may need; what it does not need is left empty.

    template: a gradebook that the platform exported, whose columns and ids are kept. results: by
    the path of their folder, only those that count.
    """

    gradebook: Gradebook | None = None
    results: Mapping[str, Result] = field(default_factory=dict)
    task: Task | None = None
    chosen: Sequence[PlannedTask] = ()  # the tasks of the gradebook that were asked for
    template: Table | None = None
    template_name: str = ""
    is_anonymous: bool = False
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def grades(self) -> Gradebook:
        assert self.gradebook is not None
        return self.gradebook

    @property
    def the_task(self) -> Task:
        assert self.task is not None
        return self.task


@dataclass(frozen=True)
class Listed:
    """An export as help lists it."""

    name: str
    about: str
    needs: str
    module: ModuleType


def all_exports() -> dict[str, Listed]:
    """Return every export by its name."""
    found = {}
    for each in pkgutil.iter_modules(exports.__path__):
        module = importlib.import_module(f"{exports.__name__}.{each.name}")
        head = ABOUT.match(module.__doc__ or "")
        if head is not None:
            found[head["name"]] = Listed(head["name"], head["about"], module.NEEDS, module)
    return dict(sorted(found.items()))


def points_on(grade: Grade, task: PlannedTask) -> float | None:
    """Return a grade in the points that the platform gives for the task."""
    return None if grade.points is None else round(grade.points * task.points / 100, 2)


def points_text(points: float | None) -> str:
    """Return points without an exponent or digits that say nothing; empty where there are none."""
    return "" if points is None else f"{points:.2f}".rstrip("0").rstrip(".")


def last_name_first(learner: Learner) -> str:
    """Return a name as gradebooks sort it; a name of one word stays as it is."""
    first, space, last = learner.name.rpartition(" ")
    return f"{last}, {first}" if space else learner.name


def first_and_last(learner: Learner) -> tuple[str, str]:
    """Return both parts of a name; the last word is the last name."""
    first, _, last = learner.name.rpartition(" ")
    return first, last


def need_columns(order: Order, wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return which column of the template holds what.

    wanted: what -> the headings it may have. Raises UsageError for a template that lost one.
    """
    assert order.template is not None
    heading = [text.strip().casefold() for text in order.template.heading]
    places = {}
    for what, names in wanted.items():
        there = [heading.index(name.casefold()) for name in names if name.casefold() in heading]
        if not there:
            columns = ", ".join(order.template.heading[:SHOWN_COLUMNS])
            raise UsageError(
                f"{order.template_name} has no column {names[0]!r}, which the platform needs to "
                f"find its learners; found: {columns}. Export the gradebook again and leave its "
                "columns as they are"
            )
        places[what] = there[0]
    return places
