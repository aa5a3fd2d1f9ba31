"""The boxes that are timed beside the submission's: par's, and one with the null submission.

Both start while the submission trains, so that nobody waits for their imports. Par trains on a
sliver only: that builds the same network, and what it has learned does not change its speed. The
null submission answers zeros; its round trip says how much of a figure is the wire.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np

from grader.errors import SubmissionFailed
from grader.exams.session import Session
from grader.exams.teaching import Lesson, load_model, train_model
from grader.exams.timing.par import Par, null_submission, par_failed
from grader.exams.timing.stopwatch import Side
from grader.records import Submission
from grader.sandbox.box import Box


class Companions:
    """Par's box and the null box, or neither where the submission is timed alone."""

    def __init__(self, session: Session, sliver: Lesson, par: Par | None) -> None:
        """sliver: a small part of what the submission trains on, enough to build the network."""
        self._session = session
        self._sliver = sliver
        self._par = par
        self.par: Box | None = None
        self.null: Box | None = None
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._prepare, name="companions", daemon=True)

    def start(self) -> None:
        """Open both boxes and let them get ready in a thread of their own."""
        if self._par is None:
            return
        self.par = self._session.open(self._par.submission)
        self.null = self._session.open(null_submission())
        for box in (self.par, self.null):
            box.tick = lambda: None
            # From this thread, not the other: a box ends with the thread that started it.
            box.begin()
        self._thread.start()

    def _prepare(self) -> None:
        try:
            for box, submission in self._residents():
                self._make_ready(box, submission)
        except Exception as error:
            self._problem = error

    def _residents(self) -> Iterator[tuple[Box, Submission]]:
        assert self._par is not None
        assert self.par is not None
        assert self.null is not None
        yield self.par, self._par.submission
        yield self.null, null_submission()

    def _make_ready(self, box: Box, submission: Submission) -> None:
        limit = self._session.task.spec.limits.load_seconds
        load_model(self._session, box, submission, self._sliver)
        train_model(self._session, box, self._sliver, limit)
        box.settle(1)
        box.close_log()
        box.freeze()

    def wait(self) -> None:
        """Wait until both are ready; whatever goes wrong with them is never the learner's fault."""
        if self._par is None:
            return
        self._session.progress.step("waiting for par")
        self._thread.join()
        if isinstance(self._problem, SubmissionFailed):
            raise par_failed(self._session, self._par.submission, self._problem.failure)
        if self._problem is not None:
            raise self._problem

    def sides(self, like: np.ndarray, position: int = 0) -> tuple[Side | None, Side | None]:
        """Return par's and the null box's sides, with room for answers of the form of `like`."""
        return side_of("par", self.par, like, position), side_of("null", self.null, like, position)


def side_of(name: str, box: Box | None, like: np.ndarray, position: int) -> Side | None:
    return None if box is None else Side(name, box, np.empty_like(like), position)
