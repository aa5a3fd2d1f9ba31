"""Where a result's page finds what is kept beside it.

Functions that can be sent to another process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.course.curriculum import Task
from grader.records import Details, Result, Summary
from reports.pages.lesson import Question


def nothing(result: Result) -> str:
    """What is beside a result that nobody gave anything for."""
    return ""


def no_questions(task: Task) -> Sequence[Question]:
    return ()


def no_stamp(summary: Summary) -> str:
    return ""


def no_details(result: Result) -> Details | str | None:
    return None


@dataclass(frozen=True)
class Kept:
    """What is kept beside results."""

    log: Callable[[Result], str] = nothing
    # A text says why they cannot be read.
    details: Callable[[Result], Details | str | None] = no_details
    stamp: Callable[[Summary], str] = no_stamp  # changes when one of the others does
    hint: Callable[[Result], str] = nothing  # the task's own hint for this outcome
    questions: Callable[[Task], Sequence[Question]] = no_questions  # that go with a lesson
