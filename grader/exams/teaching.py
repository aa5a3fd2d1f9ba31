"""Boxes that learn: what a box is given to train on, how long it may take, and who made it late."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader.errors import SubmissionFailed, TaskError
from grader.exams.session import Session
from grader.host.machine import CPU
from grader.host.other_programs import BUSY_SHARE, OtherPrograms
from grader.records import Code, Submission
from grader.sandbox.box import Box

MODEL = "model"  # the way a submission is loaded that brings a model, see `Box.load`
WHEN_QUIET = "run it again when they have finished, or with fewer submissions at a time."


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
    """Let a loaded submission train, and return the seconds that took.

    budget: seconds after which it counts as late. SubmissionFailed where it fails or is late.
    """
    settings = {
        "form": lesson.form,
        "num_classes": lesson.width,
        "seed": session.seed if seed is None else seed,
        "device": CPU if session.device == CPU else "cuda",
        "dataset": session.task.spec.dataset,
        **lesson.settings,
    }
    with lateness_explained(box):
        return box.train(lesson.values, settings, budget)


@contextlib.contextmanager
def lateness_explained(box: Box) -> Iterator[None]:
    """Where a training was late while other programs kept the processors busy, say so."""
    others = OtherPrograms(box)
    try:
        yield
    except SubmissionFailed as failed:
        share = others.share()
        if failed.failure.code != Code.DEADLINE or share is None or share < BUSY_SHARE:
            raise
        reason = (
            f"{failed.failure.reason} Other programs took {share:.0%} of the processors meanwhile; "
            f"{WHEN_QUIET}"
        )
        raise SubmissionFailed(replace(failed.failure, reason=reason)) from None
