"""Grades, as the rules of a class make them of results, and the learners who have them.

They travel from `grader.classroom` to boards, pages and exports and are never stored: whoever needs
them asks for them again, and gets what today's rules give.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property


@dataclass(frozen=True)
class Learner:
    """One row of the roster. Ids are texts: they keep their leading zeros."""

    id: str
    login: str = ""
    name: str = ""
    section: str = ""
    email: str = ""
    platform_id: str = ""  # the learning platform's own number, where that is not the id
    also: tuple[str, ...] = ()  # other names and ids of the same person
    author: str = ""  # the name of this learner's results

    def with_author(self, author: str) -> Learner:
        return dataclasses.replace(self, author=author)


@dataclass(frozen=True)
class PlannedTask:
    """One task of a course."""

    id: str
    title: str
    weight: float
    points: float = 100.0  # what the full score is worth in the gradebook of a platform
    deadline: datetime | None = None


@dataclass(frozen=True)
class Grade:
    """What one learner has for one task.

    points: of 100, after the rules; None where nothing was handed in that could be graded.
    raw: before the rules.
    """

    learner: str  # the id in the roster
    task: str
    points: float | None = None
    raw: float | None = None
    result: str = ""  # id of the result that counts
    path: str = ""  # of its folder, below the results
    status: str = ""
    submitted_at: float | None = None  # seconds since 1970
    late_days: int = 0
    bank_days: int = 0  # of these, paid from the bank
    penalty_percent: float = 0.0
    attempts: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LearnerGrades:
    """One learner's row in a gradebook."""

    learner: Learner
    grades: Mapping[str, Grade]  # by task id; every task of the course is there
    total: float  # of 100, over the whole course: what is not there counts as nothing
    so_far: float | None  # of 100, over what has been due or was handed in; None before that
    bank_left: int


@dataclass(frozen=True)
class Gradebook:
    """Grades of a whole class at one moment."""

    title: str
    tasks: tuple[PlannedTask, ...]
    rows: tuple[LearnerGrades, ...]
    bank_days: int = 0
    has_bank: bool = False
    # Authors of results that are nobody on the roster, and what they have results for.
    unknown: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())

    @cached_property
    def by_learner(self) -> dict[str, LearnerGrades]:
        return {row.learner.id: row for row in self.rows}


@dataclass(frozen=True)
class Regraded:
    """One regrade, as the journal has it."""

    at: str
    author: str
    task: str
    before: float | None  # points of 100
    after: float | None
    why: str
    by: str


@dataclass(frozen=True)
class SimilarPair:
    """Two submissions that share more than chance and the starter explain. Never a verdict."""

    task: str
    one: str  # authors
    other: str
    share: float  # of the smaller one's own code that is in the other, too
    tokens: int  # that they share


@dataclass(frozen=True)
class ClassView:
    """What the class page shows of a class beside its results."""

    gradebook: Gradebook
    regrades: tuple[Regraded, ...] = ()
    similar: tuple[SimilarPair, ...] = ()
