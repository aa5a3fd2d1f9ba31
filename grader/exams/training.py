"""What exams that train a model share: budgets, boxes that learn, par's box beside the
submission's, speed figures.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.course.score import memory_ratio
from grader.errors import SubmissionFailed, TaskError
from grader.exams.exam import Session
from grader.exams.timing import stopwatch
from grader.exams.timing.par import Par, null_submission
from grader.host.machine import CPU, ONE_CORE, busy_seconds, usable_cores
from grader.records import Measured, Submission
from grader.sandbox.box import DEADLINE, Box
from grader.sandbox.training_trace import read_trace

MODEL = "model"
BUSY_SHARE = (
    0.15  # of the processors, taken by others: enough to make a training late, and timings noisy
)
WHEN_QUIET = "run it again when they rest, or with fewer submissions at a time."


@dataclass(frozen=True)
class Lesson:
    """What a box is given to train on."""

    values: Sequence[np.ndarray | list[str]]
    settings: dict[str, Any]
    classes: int  # or the size of the vocabulary


def budget_seconds(session: Session) -> float:
    """Return the seconds a submission may train on the session's device; TaskError where it may not
    be used.
    """
    budget, exam = session.task.spec.budget, session.task.spec.exam
    if budget is None:
        raise TaskError(
            f"task {session.task.id!r} has no [budget] cpu_seconds; a {exam} task needs one"
        )
    seconds = budget.cpu_seconds if session.device == CPU else budget.gpu_seconds
    if seconds is None:
        raise TaskError(
            f"task {session.task.id!r} is not for GPUs: its task.toml has no [budget] gpu_seconds"
        )
    return seconds


def teach(
    session: Session,
    box: Box,
    submission: Submission,
    lesson: Lesson,
    *,
    budget: float,
    seed: int | None = None,
    doing: str = "",
) -> float:
    """Load the submission into an open box and let it train; returns the seconds training took.

    seed: the session's unless given. doing: what progress says; nothing for boxes that learn beside
    the submission's.
    """
    limits = session.task.spec.limits
    seed = session.seed if seed is None else seed
    if doing:
        session.progress.step(f"starting {submission.name}", limits.load_seconds)
    box.hello(seed=seed, num_classes=lesson.classes, deadline_seconds=limits.load_seconds)
    box.load(submission.folder, submission.file, MODEL, limits.load_seconds)
    if doing:
        session.remember_memory(box, "loading")
        session.progress.step(doing, budget)
    settings = {
        "exam": session.task.spec.exam,
        "num_classes": lesson.classes,
        "seed": seed,
        "device": CPU if session.device == CPU else "cuda",
        "dataset": session.task.spec.dataset,
        **lesson.settings,
    }
    with busy_told(box):
        seconds = box.train(lesson.values, settings, budget)
    if doing:
        if session.trace is None and box.trace is not None:
            session.trace = read_trace(box.trace)
        session.remember_memory(box, "training")
    return seconds


class Others:
    """What other programs take of the processors from now on, while boxes of ours work."""

    def __init__(self, *boxes: Box | None) -> None:
        self._boxes = [box for box in boxes if box is not None]
        self._began, self._all, self._grader, self._own = self._read()

    def _read(self) -> tuple[float, float, float, float]:
        own = sum(box.cpu_seconds() for box in self._boxes)
        return time.monotonic(), busy_seconds(), time.process_time(), own

    def share(self) -> float | None:
        """Return the share of all usable processors' time; None where nobody counts what the boxes
        took.
        """
        now, everybody, grader, own = self._read()
        if own <= self._own:
            return None
        others = everybody - self._all - (grader - self._grader) - (own - self._own)
        return max(0.0, others) / (len(usable_cores()) * max(1e-3, now - self._began))

    def noise(self) -> str:
        """Say why what was timed meanwhile may be noisy, or return an empty text."""
        if len(usable_cores()) < 2:
            return ONE_CORE
        share = self.share()
        busy = share is not None and share >= BUSY_SHARE
        return f"other programs took {share:.0%} of the processors meanwhile" if busy else ""


@contextlib.contextmanager
def busy_told(box: Box) -> Iterator[None]:
    """Where a training took too long while other programs kept the processors busy, say so in the
    reason.
    """
    others = Others(box)
    try:
        yield
    except SubmissionFailed as failed:
        share = others.share()
        if failed.failure.code != DEADLINE or share is None or share < BUSY_SHARE:
            raise
        said = f"{failed.failure.reason} Other programs took {share:.0%} of the processors meanwhile; {WHEN_QUIET}"
        raise SubmissionFailed(replace(failed.failure, reason=said)) from None


class Companions:
    """The boxes that are timed beside the submission's: par, and the null runner. They start while
    it trains.
    """

    def __init__(self, session: Session, sliver: Lesson, par: Par | None) -> None:
        """sliver: a small part of what the submission trains on, enough to build the same
        network.
        """
        self._session, self._sliver, self._par = session, sliver, par
        self.par: Box | None = None
        self.null: Box | None = None
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._prepare, name="companions", daemon=True)

    def start(self) -> None:
        if self._par is not None:
            self.par = self._session.open(self._par.submission)
            self.null = self._session.open(null_submission())
            for box in (self.par, self.null):
                box.tick = lambda: None
                box.begin()  # from this thread: a box ends with the thread that started it
            self._thread.start()

    def _prepare(self) -> None:
        assert self._par is not None
        limit = self._session.task.spec.limits.load_seconds
        try:
            for box, submission in (
                (self.par, self._par.submission),
                (self.null, null_submission()),
            ):
                assert box is not None
                teach(self._session, box, submission, self._sliver, budget=limit)
                box.settle(1)
                box.close_log()
                box.freeze()
        except Exception as error:
            self._problem = error

    def wait(self) -> None:
        """Wait until both are ready; what went wrong with them is the task's trouble, not the
        learner's.
        """
        if self._par is None:
            return
        self._session.progress.step("waiting for par")
        self._thread.join()
        if isinstance(self._problem, SubmissionFailed):
            raise TaskError(
                f"par {self._par.submission.name!r} of task {self._session.task.id!r} failed: {self._problem}"
            )
        if self._problem is not None:
            raise self._problem

    def sides(
        self, like: np.ndarray, position: int = 0
    ) -> tuple[stopwatch.Side | None, stopwatch.Side | None]:
        """Return par's and the null runner's sides, with room for answers of the form of `like`."""
        boxes = (("par", self.par), ("null", self.null))
        par, null = (
            None if box is None else stopwatch.Side(name, box, np.empty_like(like), position)
            for name, box in boxes
        )
        return par, null


def phase_ratio(timing: stopwatch.Timing) -> dict[str, Measured]:
    """Return the ratio to par of one phase, under its name; nothing where par was not asked."""
    if not len(timing.ratios):
        return {}
    low, high = stopwatch.quartiles(timing.ratios)
    figure = Measured(
        value=float(np.median(timing.ratios)),
        low=low,
        high=high,
        n=len(timing.ratios),
        unit="ratio",
        spread="quartiles",
        source="" if timing.counts else "shown, not scored",
        noisy=stopwatch.is_noisy(timing.ratios),
    )
    return {f"{timing.phase.name}_ratio": figure}


def speed_figures(
    timings: Sequence[stopwatch.Timing], draw: np.random.Generator
) -> dict[str, Measured]:
    """Return each phase's ratio to par, the null runner's round trip, and the speed ratio that is
    scored.
    """
    figures: dict[str, Measured] = {}
    for timing in timings:
        figures |= phase_ratio(timing)
    first = timings[0]
    if first.null_seconds is not None:
        figures["null_latency_seconds"] = Measured(value=first.null_seconds, unit="seconds")
    ratio = stopwatch.speed_ratio(timings, draw)
    if ratio is not None:
        figures["speed_ratio"] = ratio
    return figures


def memory_figures(peak: Measured | None, par: Par | None) -> dict[str, Measured]:
    """Return the peak and, with par, how many times less memory than par was needed."""
    if peak is None:
        return {}
    figures = {"peak_memory_bytes": peak}
    if par is not None and "peak_memory_bytes" in par.figures:
        ratio = memory_ratio(peak.value, par.figures["peak_memory_bytes"].value)
        figures["memory_ratio"] = Measured(value=ratio, unit="ratio", source=peak.source)
    return figures
