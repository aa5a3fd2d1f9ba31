"""The few more questions a classifier's box is asked after the graded part, never inside a timed
phase.

The questions are training examples: nothing hidden is shown again. At most `MOST_EXAMPLES` are
asked, and no new question begins once `PROBE_SECONDS` are over; a slow model is asked less, and the
doctor says less about it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from grader.doctor.evidence import Batch, Classified
from grader.errors import SubmissionFailed

PROBE_SECONDS = 2.0
BATCH = 64
ALONE = 6
SAMPLE = 512  # training examples whose answers are compared with their labels
MOST_EXAMPLES = 7 * BATCH + ALONE + SAMPLE
GOES_ON = ("raised", "wrong_output")  # a request failed so, and the box still answers


class Asked(Protocol):
    """What is needed of a box: `grader.sandbox.box.Box` has it."""

    def predict(
        self, batch: Batch, num_classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]: ...


class Questions:
    """Asks until the time is over or the box has ended; an answer that does not come is None."""

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
        """Return the scores of examples asked one at a time, or None if one of them was not
        answered.
        """
        answers = []
        for place in range(len(batch)):
            answer = self.ask(batch[place : place + 1])
            if answer is None:
                return None
            answers.append(answer)
        return np.concatenate(answers)

    def ask_parts(self, batch: Batch) -> np.ndarray | None:
        """Return the scores of as many examples, from the first on, as are answered in batches of
        BATCH.
        """
        answers = []
        for start in range(0, len(batch), BATCH):
            answer = self.ask(batch[start : start + BATCH])
            if answer is None:
                break
            answers.append(answer)
        return np.concatenate(answers) if answers else None


def probe_classifier(
    box: Asked,
    inputs: Any,
    labels: np.ndarray,
    hidden_scores: np.ndarray,
    hidden_labels: np.ndarray,
    classes: int,
    draw: np.random.Generator,
    *,
    deadline_seconds: float = 10.0,
    seconds: float = PROBE_SECONDS,
) -> Classified:
    """Ask a trained classifier's thawed box, and return what is known of it.

    inputs, labels: the training set, (n, ...) or a list of n texts, and int64 (n,). hidden_scores
    (m, classes) and hidden_labels (m,): the graded answers; they are not asked again. A box that
    ends is no error here.
    """
    ask = Questions(lambda batch: box.predict(batch, classes, deadline_seconds)[0], seconds)
    picked = draw.permutation(len(labels))
    batch, others = taken(inputs, picked[:BATCH]), taken(inputs, picked[BATCH : 2 * BATCH])
    count = len(batch)
    half = count // 2
    first = ask.ask(batch)
    again = ask.ask(batch)
    permuted = back_changed = front_changed = None
    if first is not None and count > 1:
        order = draw.permutation(count)
        answer = ask.ask(taken(batch, order))
        permuted = None if answer is None else answer[np.argsort(order)]
        if len(others) == count:
            front_changed = ask.ask(joined(others[:half], batch[half:]))
            back_changed = ask.ask(joined(batch[:half], others[half:]))
    before = ask.raised
    alone = ask.ask_each(batch[:ALONE])
    alone_raised = first is not None and ask.raised > before and not ask.ended
    sample = picked[:SAMPLE]
    rest = ask.ask_parts(taken(inputs, sample[BATCH:]))
    train_scores = first if first is None or rest is None else np.concatenate([first, rest])
    halved, parts = scaled(ask.ask, batch) if isinstance(batch, np.ndarray) else (None, ())
    return Classified(
        classes=classes,
        hidden_scores=hidden_scores,
        hidden_labels=hidden_labels,
        train_scores=train_scores,
        train_labels=None if train_scores is None else labels[sample[: len(train_scores)]],
        label_shares=np.bincount(labels, minlength=classes) / max(1, len(labels)),
        input_largest=largest(batch),
        first=first,
        again=again,
        permuted=permuted,
        front_changed=front_changed,
        back_changed=back_changed,
        alone=alone,
        alone_raised=alone_raised,
        halved=halved,
        sum_parts=parts,
    )


def scaled(
    ask: Callable[[Batch], np.ndarray | None], batch: np.ndarray
) -> tuple[np.ndarray | None, tuple[np.ndarray, ...]]:
    """Return answers to halved inputs and to u, v, u + v and zeros, where u and v are halves of two
    examples.
    """
    if batch.dtype.kind not in "uif":
        return None, ()
    small = batch // 2 if batch.dtype.kind in "ui" else batch / 2
    halved = ask(small)
    half = len(batch) // 2
    u, v = small[:half], small[half : 2 * half]
    answers = [ask(each) for each in (u, v, u + v, np.zeros_like(u))]
    there = [each for each in answers if each is not None]
    return halved, tuple(there) if len(there) == len(answers) else ()


def largest(batch: Any) -> float | None:
    """Return the largest number in a batch, its sign left out; None for texts."""
    if not isinstance(batch, np.ndarray) or batch.dtype.kind not in "uif" or not batch.size:
        return None
    return float(np.abs(batch.astype(np.float64)).max())


def taken(inputs: Any, places: np.ndarray) -> Any:
    """Return examples at these places: rows of an array, or texts of a list."""
    if isinstance(inputs, np.ndarray):
        rows = inputs[places]
        return rows.tolist() if rows.dtype == object else rows
    return [inputs[place] for place in places.tolist()]


def joined(one: Any, other: Any) -> Any:
    return np.concatenate([one, other]) if isinstance(one, np.ndarray) else [*one, *other]
