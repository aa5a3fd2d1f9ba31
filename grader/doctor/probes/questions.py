"""Asks a box until the time is over or the box has ended; an answer that does not come is None."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.doctor.evidence import Batch
from grader.errors import SubmissionFailed
from grader.records import Code

PROBE_SECONDS = 2.0
BATCH = 64
GOES_ON = (Code.RAISED, Code.WRONG_OUTPUT)  # after a request that failed so, the box still answers


class Questions:
    """One round of questions to one box.

    answer: sends a batch and returns the scores, or raises SubmissionFailed. seconds: from now on;
    the answer that is under way then is waited for.
    """

    def __init__(self, answer: Callable[[Any], np.ndarray], seconds: float) -> None:
        self.answer = answer
        self.until = time.perf_counter() + seconds
        self.ended = False
        self.raised = 0

    def ask(self, batch: Batch) -> np.ndarray | None:
        """Return the scores of a batch, or None."""
        if self.ended or not len(batch) or time.perf_counter() > self.until:
            return None
        try:
            return self.answer(batch)
        except SubmissionFailed as failed:
            self.raised += 1
            self.ended = failed.failure.code not in GOES_ON
            return None

    def ask_each(self, batch: Batch) -> np.ndarray | None:
        """Return the scores of examples asked one at a time; None if one was not answered."""
        answers: list[np.ndarray] = []
        for place in range(len(batch)):
            answer = self.ask(batch[place : place + 1])
            if answer is None:
                return None
            answers.append(answer)
        return np.concatenate(answers)

    def ask_parts(self, batch: Batch) -> np.ndarray | None:
        """Return the scores of as many examples as are answered in batches, from the first on."""
        answers: list[np.ndarray] = []
        for start in range(0, len(batch), BATCH):
            answer = self.ask(batch[start : start + BATCH])
            if answer is None:
                break
            answers.append(answer)
        return np.concatenate(answers) if answers else None

    def ask_reordered(self, batch: Batch, order: np.ndarray) -> np.ndarray | None:
        """Return the scores of a batch that is asked in another order, back in its own order."""
        answer = self.ask(taken(batch, order))
        return None if answer is None else answer[np.argsort(order)]


def taken(inputs: Any, places: np.ndarray) -> Any:
    """Return examples at these places: rows of an array, or texts of a list."""
    if not isinstance(inputs, np.ndarray):
        return [inputs[place] for place in places.tolist()]
    rows = inputs[places]
    return rows.tolist() if rows.dtype == object else rows


def joined(one: Any, other: Any) -> Any:
    """Return two batches as one."""
    if isinstance(one, np.ndarray):
        return np.concatenate([one, other])
    return [*one, *other]
