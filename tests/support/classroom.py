"""Classes made by hand: rosters, rules and results of people who never were."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from grader.classroom.course_file import Course, CourseSpec
from grader.classroom.roster import Roster, roster_of
from grader.classroom.tables import table_of
from grader.records import Status, Summary

NUMBERS = count(1)
PLAIN = "id,login,name,section,email\n"
ADA = "4711,ada,Ada Lovelace,A,ada@example.org\n"
BEN = "4712,ben,Ben Roe,A,ben@example.org\n"
CLEO = "4713,cleo,Cleo Doe,B,cleo@example.org\n"


def roster(*rows: str, heading: str = PLAIN) -> Roster:
    """Return the roster of some rows of CSV; of three learners if none are given."""
    text = heading + "".join(rows or (ADA, BEN, CLEO))
    return roster_of(table_of(text.encode(), "roster.csv", "a roster"), "roster.csv")


def course(of: Roster | None = None, **spec: Any) -> Course:
    """Return a course with one task, `neuron`, due at noon of October 12 in Berlin."""
    values: dict[str, Any] = {
        "timezone": "Europe/Berlin",
        "tasks": [{"id": "neuron", "deadline": datetime(2026, 10, 12, 12, 0)}],
    }
    return Course(CourseSpec.model_validate(values | spec), of or roster())


def run(
    author: str = "Ada Lovelace",
    points: float | None = 80.0,
    at: datetime | None = None,
    *,
    task: str = "neuron",
    **changes: Any,
) -> Summary:
    """Return the summary of a run that was handed in at a time; None: nobody knows when."""
    number = next(NUMBERS)
    graded = datetime(2026, 12, 1, tzinfo=UTC).timestamp() + number
    made = Summary(
        path=f"{task}/r{number:05d}",
        stamp="",
        mark=f"{number:024x}",
        task=task,
        id=f"r{number:05d}",
        exam_version="exam-1",
        tier="container",
        device="cpu",
        author=author,
        status=Status.ACCEPTED.value if points is not None else Status.GRADER_ERROR.value,
        total=points,
        value=points,
        created=graded,
        seconds=1.0,
        framework="",
        network="",
        sha256=f"{number:064x}",
        submitted=None if at is None else at.timestamp(),
    )
    return made._replace(**changes)
