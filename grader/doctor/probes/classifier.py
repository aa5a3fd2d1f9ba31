"""What a classifier's box is asked after the graded part.

The order puts first what most else is compared with, so that a slow model loses the least telling
answers when its time is over:

1. one batch of training examples, and the same again: dropout that was left on changes its mind;
2. the batch in another order and with its halves replaced: batch normalisation that was left on,
   and axes that are mixed up, look at an example's neighbours;
3. its first examples one at a time: some models fail on a batch of one;
4. more training examples: accuracy and losses where the labels are known;
5. inputs of half the size, and sums of inputs: a model without a non-linear step adds up.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from grader.doctor.evidence import Batch, Classified
from grader.doctor.probes.questions import BATCH, PROBE_SECONDS, Questions, joined, taken

ALONE = 6
SAMPLE = 512  # training examples whose answers are compared with their labels
MOST_EXAMPLES = 7 * BATCH + ALONE + SAMPLE


class Asked(Protocol):
    """What is needed of a box: `grader.sandbox.box.Box` has it."""

    def predict(
        self, batch: Batch, num_classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]: ...


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
    ends is not an error here.
    """
    ask = Questions(lambda batch: box.predict(batch, classes, deadline_seconds)[0], seconds)
    picked = draw.permutation(len(labels))
    batch = taken(inputs, picked[:BATCH])
    others = taken(inputs, picked[BATCH : 2 * BATCH])
    first = ask.ask(batch)
    again = ask.ask(batch)
    company = Company() if first is None else ask_in_company(ask, batch, others, draw)
    raised_before = ask.raised
    alone = ask.ask_each(batch[:ALONE])
    alone_raised = first is not None and ask.raised > raised_before and not ask.ended
    sample = picked[:SAMPLE]
    train_scores = ask_more(ask, first, taken(inputs, sample[BATCH:]))
    scaled = ask_scaled(ask, batch)
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
        permuted=company.permuted,
        front_changed=company.front_changed,
        back_changed=company.back_changed,
        alone=alone,
        alone_raised=alone_raised,
        halved=scaled.halved,
        sum_parts=scaled.sum_parts,
    )


def ask_more(ask: Questions, first: np.ndarray | None, more: Any) -> np.ndarray | None:
    """Return the scores of the first batch and of more examples, as far as they are answered."""
    rest = ask.ask_parts(more)
    if first is None or rest is None:
        return first
    return np.concatenate([first, rest])


class Company(NamedTuple):
    """Answers about a batch in another order, and with one of its halves replaced."""

    permuted: np.ndarray | None = None
    front_changed: np.ndarray | None = None
    back_changed: np.ndarray | None = None


def ask_in_company(ask: Questions, batch: Any, others: Any, draw: np.random.Generator) -> Company:
    """Ask about the same examples in other batches."""
    count = len(batch)
    if count < 2:
        return Company()
    permuted = ask.ask_reordered(batch, draw.permutation(count))
    if len(others) != count:
        return Company(permuted)
    half = count // 2
    front_changed = ask.ask(joined(others[:half], batch[half:]))
    back_changed = ask.ask(joined(batch[:half], others[half:]))
    return Company(permuted, front_changed, back_changed)


class Scaled(NamedTuple):
    """Answers to halved inputs, and to u, v, u + v and zeros."""

    halved: np.ndarray | None = None
    sum_parts: tuple[np.ndarray, ...] = ()


def ask_scaled(ask: Questions, batch: Batch) -> Scaled:
    """Ask about halved inputs and their sums; u and v are halves of two examples.

    Halved first, so that a sum of two pixels still fits into its byte.
    """
    if not isinstance(batch, np.ndarray) or batch.dtype.kind not in "uif":
        return Scaled()
    small = batch / 2 if batch.dtype.kind == "f" else batch // 2
    halved = ask.ask(small)
    half = len(batch) // 2
    u = small[:half]
    v = small[half : 2 * half]
    answers: list[np.ndarray] = []
    for inputs in (u, v, u + v, np.zeros_like(u)):
        answer = ask.ask(inputs)
        if answer is not None:
            answers.append(answer)
    return Scaled(halved, tuple(answers) if len(answers) == 4 else ())


def largest(batch: Any) -> float | None:
    """Return the largest number in a batch, its sign left out; None for texts."""
    if not isinstance(batch, np.ndarray) or batch.dtype.kind not in "uif" or not batch.size:
        return None
    return float(np.abs(batch.astype(np.float64)).max())
