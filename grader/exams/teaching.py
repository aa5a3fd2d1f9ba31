"""Boxes that learn: what a box is given to train on, how long it may take, and who made it late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader.errors import TaskError
from grader.exams.session import Session
from grader.host.machine import CPU
from grader.records import Code, Failure, Status, Submission
from grader.sandbox.box import Box
from grader.sandbox.budget_clock import BudgetClock, earliest, lateness

REHEARSED_SECONDS = 40.0  # of training on stand-ins, which is stopped then
PREPARING_SECONDS = 60.0  # more for a program that has not begun to train by then
# What a training that is stopped has to come to rest: a share of the budget, between these seconds.
STOPPING_SHARE = 0.1
LEAST_STOPPING_SECONDS = 2.0
MOST_STOPPING_SECONDS = 20.0
NOTE = "note "  # how the names of a runner's notes begin
# What stands before each of them, wherever a result is shown: a submission that takes its runner
# over writes them itself, and must not speak with the grader's voice.
IN_THE_BOX = "said by the submission's own process, not checked: "
LANGUAGE = "language"  # the form of a lesson that is one text, without rows
MODEL = "model"  # the way a submission is loaded that brings a model, see `Box.load`


@dataclass(frozen=True)
class Lesson:
    """What a box is given to train on.

    form: what the runner makes of the submission: "classifier", "regressor", "generator" or
    "language". values: arrays and lists of texts, in the order in which that form takes them.
    width: how many numbers answer one question: classes, outputs, or the size of the vocabulary.
    settings: what else the runner is told.
    """

    form: str
    values: Sequence[np.ndarray | list[str]]
    width: int
    settings: dict[str, Any] = field(default_factory=dict)


def budget_seconds(session: Session) -> float:
    """Return the seconds a submission may train on the session's device.

    TaskError if the task has no budget for that device.
    """
    task = session.task
    budget = task.spec.budget
    if budget is None:
        raise TaskError(
            f"task {task.id!r} has no [budget] cpu_seconds; a {task.spec.exam} task needs one"
        )
    seconds = budget.cpu_seconds if session.device == CPU else budget.gpu_seconds
    if seconds is None:
        raise TaskError(
            f"task {task.id!r} is not graded on GPUs: its task.toml has no [budget] gpu_seconds"
        )
    return seconds


def load_model(
    session: Session, box: Box, submission: Submission, lesson: Lesson, seed: int | None = None
) -> None:
    """Import a submission in an open box; SubmissionFailed where it does not import.

    seed: of the box's own random numbers; the session's unless given.
    """
    limit = session.task.spec.limits.load_seconds
    chosen = session.seed if seed is None else seed
    box.hello(seed=chosen, num_classes=lesson.width, deadline_seconds=limit)
    box.load(submission.box_folder, submission.file, MODEL, limit)


def train_model(
    session: Session, box: Box, lesson: Lesson, budget: float, seed: int | None = None
) -> float:
    """Let a loaded submission train, and return the seconds of its budget that this took.

    budget: seconds after which it is late, by a clock that leaves out what other programs took from
    the box (sandbox/budget_clock.py). SubmissionFailed where it fails or is late, Busy where nobody
    can say whether it is.
    """
    stop = lesson.settings.get("stop_after", stop_seconds(session, budget))
    settings = {
        "form": lesson.form,
        "num_classes": lesson.width,
        "seed": session.seed if seed is None else seed,
        "device": CPU if session.device == CPU else "cuda",
        "dataset": session.task.spec.dataset,
        **lesson.settings,
        "stop_after": stop,
    }
    allowed = budget + stopping_seconds(budget) if stop else budget
    clock = box.budget_clock()
    box.train(lesson.values, settings, allowed, clock=clock)
    clock.look()
    if clock.used > (allowed if was_stopped(box, clock.used, budget) else budget):
        raise lateness(overdrawn(clock, budget), clock, budget)
    return clock.used


def as_rehearsed(session: Session, lesson: Lesson, budget: float) -> Lesson:
    """Return a lesson on stand-ins as it is rehearsed: as long as the real thing, in short passes.

    Programs count on the sizes a set was published with; a task that gives a part of a set gives it
    as it is. The training is stopped after a while.
    """
    settings = dict(lesson.settings)
    settings["rehearsal"] = session.advising
    settings["stop_after"] = min(budget, REHEARSED_SECONDS)
    settings["patience"] = min(PREPARING_SECONDS, budget - settings["stop_after"])
    if lesson.form != LANGUAGE and not session.task.spec.data.per_class:
        settings["pass_rows"] = len(lesson.values[1])
    return replace(lesson, settings=settings)


def stopping_seconds(budget: float) -> float:
    """Return how long a training that is stopped may take to come to rest and show its model."""
    return min(MOST_STOPPING_SECONDS, max(LEAST_STOPPING_SECONDS, STOPPING_SHARE * budget))


def stop_seconds(session: Session, budget: float) -> float:
    """Return after how many seconds a training is stopped and graded as it stands; 0 for never."""
    table = session.task.spec.budget
    is_failure = table is not None and table.when_over == "fail"
    return 0.0 if is_failure else budget


def notes_of(box: Box) -> list[str]:
    """Return what the runner in a box has to say of the training, marked as the box's own words."""
    return [IN_THE_BOX + text for name, text in box.reported.items() if name.startswith(NOTE)]


def without_notes(reported: dict[str, str]) -> dict[str, str]:
    """Return what a runner reports besides its notes."""
    return {name: text for name, text in reported.items() if not name.startswith(NOTE)}


def was_stopped(box: Box, seconds: float, budget: float) -> bool:
    """Whether a training that took so many seconds was stopped at the end of its budget.

    Its runner says so, and is believed only where the budget was about to end by our clock.
    """
    return box.reported.get("stopped") == "1" and seconds >= earliest(budget)


def overdrawn(clock: BudgetClock, budget: float) -> Failure:
    """Return the failure of a training that came to its end after its budget."""
    return Failure(
        Status.TIME_LIMIT_EXCEEDED,
        Code.DEADLINE,
        f"while training: it used {clock.used:.1f} s of its cores, and the budget is "
        f"{budget:.0f} s. Processor time beyond the cores it was given counts as well.",
    )
