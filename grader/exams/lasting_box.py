"""A box that is asked many questions, and a fresh one in its place whenever it has ended.

All answers of all these boxes have one limit together, and so have the imports that follow the
first, also those that fail: else a submission of thirty functions, or of thirty questions, could
keep a grader for thirty deadlines and more. What other programs take from the boxes meanwhile does
not count (sandbox/budget_clock.py).
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

from grader.errors import SubmissionFailed
from grader.exams.answer_budget import answer_seconds
from grader.exams.session import Session
from grader.host.machine import CPU
from grader.sandbox.answers import FOR_FUNCTIONS, Answers
from grader.sandbox.box import Box
from grader.sandbox.budget_clock import BudgetClock

log = logging.getLogger(__name__)

FUNCTIONS = "functions"  # the way a submission is loaded whose functions are called, see `Box.load`


class LastingBox:
    """A box with the submission loaded, or with a copy of it that has a program of ours beside it.

    folder, file: of the copy. logs_once: the first box alone has a log, and only of its import; a
    later one could know, from a file that it left, what was asked of an earlier one.

    reported: what the runner said about itself in the last box that was loaded.
    """

    def __init__(
        self,
        session: Session,
        folder: Path | None = None,
        file: str = "",
        *,
        logs_once: bool = False,
    ) -> None:
        self.reported: dict[str, str] = {}
        self._session = session
        self._folder = folder or session.submission.box_folder
        self._file = file or session.submission.file
        self._logs_once = logs_once
        self._box: Box | None = None
        self._starting: Box | None = None
        self._loads = 0
        self._answers = Answers(FOR_FUNCTIONS)
        self._answers.limit_seconds = answer_seconds(session.task.spec, CPU)
        self._answers.taken_by_others = self._taken_by_others
        self._clocks: list[BudgetClock] = []  # of every box that was loaded

    @property
    def is_open(self) -> bool:
        """Whether there is a loaded box at the moment."""
        return self._box is not None

    def begin(self) -> None:
        """Start the first box without waiting for it."""
        self._starting = self._session.open(folder=self._folder)
        self._starting.begin()

    def get(self) -> Box:
        """Return the box.

        SubmissionFailed if the submission cannot be loaded, or if no time is left for answers.
        """
        if self._box is None:
            if self._answers.left() <= 0:
                raise SubmissionFailed(self._answers.too_long())
            self._box = self._loaded()
        return self._box

    def _loaded(self) -> Box:
        session = self._session
        box = self._starting or session.open(folder=self._folder)
        self._starting = None
        box.answers = self._answers
        limit = session.task.spec.limits.load_seconds
        box.hello(seed=session.seed, num_classes=0, deadline_seconds=limit)
        self._loads += 1
        if self._logs_once and self._loads > 1:
            box.close_log()
        began = time.perf_counter()
        try:
            box.load(self._folder, self._file, FUNCTIONS, limit)
        except SubmissionFailed:
            session.finish(box)
            raise
        finally:
            if self._loads > 1:
                self._answers.add(time.perf_counter() - began)
        if self._logs_once:
            box.close_log()
        log.info("loaded %s", self._file)
        self._clocks.append(box.budget_clock())
        self.reported = box.reported
        return box

    def _taken_by_others(self) -> float:
        if self._box is not None:
            self._clocks[-1].look()
        return sum(clock.taken for clock in self._clocks)

    def leave(self) -> None:
        """Close the box if there is one; the session keeps its log and its peak memory."""
        if self._box is not None:
            self._session.finish(self._box)
            self._box = None
