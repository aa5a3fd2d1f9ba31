"""The resources of one run: the boxes it opens, the GPU it watches, the randomness it draws.

A session holds what has to be given back, and what closed boxes left behind: their logs, their
notes and the most memory any of them needed. What an exam *finds* is not here but in its
`outcome.Outcome`. Leaving a session closes every box it opened, whatever happened.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np

from grader.course.curriculum import Task
from grader.course.dataset import Dataset
from grader.course.hidden_parts import HiddenPart
from grader.errors import DataError, GraderError, SubmissionFailed
from grader.host.machine import CPU
from grader.records import Code, Failure, Measured, Submission
from grader.sandbox.box import Box, Limits, Sandbox
from grader.sandbox.gpu import GpuMonitor
from grader.sandbox.limits import limits_of

log = logging.getLogger(__name__)


class Progress(Protocol):
    """Where a run tells how far it is."""

    def step(self, what: str, seconds: float | None = None) -> None:
        """Begin a step; `seconds` is the most it may take, where that is known."""

    def note(self, text: str) -> None:
        """Show the newest line of the submission's own output."""


# Failures whose reason may have words of the submission in it.
IN_ITS_WORDS = (
    Code.RAISED,
    Code.NOT_ATTEMPTED,
    Code.NOT_IMPORTABLE,
    Code.NOT_DEFINED,
    Code.WRONG_OUTPUT,
    Code.RETRAIN_FAILED,
)


class Silent:
    """Progress that nobody looks at."""

    def step(self, what: str, seconds: float | None = None) -> None:
        pass

    def note(self, text: str) -> None:
        pass


@dataclass
class Logged:
    """Progress that is logged as well: its steps are the phases of a run."""

    shown: Progress

    def step(self, what: str, seconds: float | None = None) -> None:
        log.info("phase: %s", what)
        self.shown.step(what, seconds)

    def note(self, text: str) -> None:
        self.shown.note(text)


@dataclass
class OpenBox:
    """A box that is open, and whether what it leaves behind counts as the submission's."""

    box: Box
    is_submissions: bool


@dataclass
class Session:
    """One run of one exam.

    device: "cpu", or the UUID of a GPU.
    with_par: measure the task's reference beside the submission, where the task names one.
    audit: one that was asked for besides those that are always held; see `holding.check_audit`.
    hidden: a private hidden part, asked in the place of the data set's own.
    advising: in a rehearsal, look beyond the contract in what is left of its time.
    with_diagnosis: ask the doctor what is wrong; a bug hunt always asks: that is its grade.
    """

    task: Task
    submission: Submission
    sandbox: Sandbox
    device: str = CPU
    progress: Progress = field(default_factory=Silent)
    data_folder: Path | None = None
    with_par: bool = True
    audit: str = ""
    hidden: HiddenPart | None = None
    advising: bool = False
    with_diagnosis: bool = True
    is_asking: bool = False  # hidden inputs have been sent, or may be with the next request
    seed: int = field(default_factory=lambda: secrets.randbits(31))
    log: str = ""  # what the submission printed, in all its boxes that were closed
    # what closed boxes have to say, e.g. a limit met
    notes: list[str] = field(default_factory=list)
    peak_memory: Measured | None = None  # the most that any of its closed boxes needed on this host
    gpu_failure: Failure | None = None  # why a result is flagged, as `check_gpu` saw it
    _boxes: list[OpenBox] = field(default_factory=list)
    _monitor: GpuMonitor | None = None

    def __post_init__(self) -> None:
        # A session made from another one, as par's is, has a progress that is logged already.
        if not isinstance(self.progress, Logged):
            self.progress = Logged(self.progress)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._give_back(is_failing=error is not None)
        except GraderError:
            # What already ends the run says more than trouble with closing a box afterwards.
            if error is None or isinstance(error, SubmissionFailed):
                raise

    def _give_back(self, is_failing: bool) -> None:
        """Close everything. An ExitStack closes each, whatever happens to the others."""
        monitor = self._monitor
        self._monitor = None
        with ExitStack() as every:
            if monitor is not None:
                every.callback(monitor.close)
            for each in self._boxes:
                every.callback(self.finish, each.box)
            if is_failing:
                every.callback(self.sandbox.end_warming)

    @property
    def draw(self) -> np.random.Generator:
        """A fresh generator no submission can guess: seeded from the system, never stored."""
        return np.random.default_rng(secrets.randbits(128))

    def asked_of(self, dataset: Dataset) -> Dataset:
        """Return a data set with the hidden part that is asked in this session.

        DataError where there is none: one of somebody's own may be on another machine.
        """
        if self.hidden is not None:
            return self.hidden.of_dataset(dataset)
        if not len(dataset.hidden_labels):
            raise DataError(
                f"the hidden part of the data set {self.task.spec.dataset!r} is not on this "
                "computer, so nothing can be graded; `grader check` needs none. Whoever has it "
                "names its folder with --hidden or GRADER_HIDDEN"
            )
        return dataset

    def for_people(self, failure: Failure) -> Failure:
        """Return a failure as it is told: without the words of a box that was asked private inputs.

        What code says when it fails may quote what it was given.
        """
        if self.hidden is None or not self.is_asking or failure.code not in IN_ITS_WORDS:
            return failure
        reason = (
            f"{failure.code.meaning}, when hidden inputs were asked. More is not told, because the "
            "hidden part is private and the code's own words may quote it; `grader check` tries "
            "the same on stand-in data."
        )
        return replace(failure, reason=reason)

    def limits(self) -> Limits:
        """Return what a box may use."""
        return limits_of(self.task.spec.limits)

    # Boxes.

    def open(
        self,
        submission: Submission | None = None,
        *,
        counts: bool = True,
        folder: Path | None = None,
    ) -> Box:
        """Return a fresh box with the session's submission in it, or with another one.

        counts: whether its log, notes and peak memory are kept; never those of another submission.
        folder: a copy of the submission with a program of ours beside it.
        """
        chosen = submission or self.submission
        box = self.sandbox.open(folder or chosen.box_folder, self.limits(), device=self.device)
        log.info("opened a %s box for %s", self.sandbox.tier, chosen.name)
        self._boxes.append(OpenBox(box, submission is None and counts))
        box.is_submissions = submission is None
        box.company = lambda: [each.box for each in self._boxes if each.box is not box]
        box.tick = lambda: self.progress.note(box.last_line())
        return box

    def finish(self, box: Box) -> None:
        """Close one box and keep what it leaves behind; a box that is closed already is none."""
        for each in self._boxes:
            if each.box is box:
                self._boxes.remove(each)
                self._close(each)
                return

    def finish_all_but(self, *kept: Box | None) -> None:
        """Close every box that is open, except those given."""
        for box in [each.box for each in self._boxes]:
            if not any(box is each for each in kept):
                self.finish(box)

    def _close(self, closing: OpenBox) -> None:
        box = closing.box
        try:
            if closing.is_submissions:
                self.notes += [note for note in box.notes() if note not in self.notes]
                self.peak_memory = larger(self.peak_memory, box.peak_memory())
            box.close()
        finally:
            log.info("closed a %s box", self.sandbox.tier)
            if closing.is_submissions:
                self.log += box.log()

    # The GPU.

    def monitor_gpu(self) -> GpuMonitor | None:
        """Wait until the session's GPU is idle and watch its memory from here on; None on a CPU."""
        if self.device != CPU:
            self.progress.step("waiting for an idle GPU")
            self._monitor = GpuMonitor(self.device)
        return self._monitor

    def check_gpu(self, *, whole: bool = True) -> None:
        """On a GPU, with every box frozen, note what still runs there.

        whole: look as well for kernels that outlast the freezing, which takes two seconds; they end
        up in `gpu_failure`. SandboxError if anybody else computes on the GPU.
        """
        if self._monitor is None:
            return
        self._monitor.refuse_others({pid for each in self._boxes for pid in each.box.pids()})
        if whole and self.gpu_failure is None:
            self.gpu_failure = self._monitor.left_running()


def larger(one: Measured | None, other: Measured | None) -> Measured | None:
    """Return the larger of two figures, as far as there are any."""
    if one is None or other is None:
        return one or other
    return other if other.value > one.value else one
