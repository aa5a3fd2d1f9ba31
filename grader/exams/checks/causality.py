"""Whether a model's logits follow from earlier characters alone, and if not, from what else.

Among the windows of hidden text stand twins: copies whose end was replaced. What the model says
before the cut must be the same for both. Where it is not, the box is asked again, untimed, to tell
three mistakes apart:

- Logits of the same batch, asked twice, differ: something random is left on, or a state is kept
  from one call to the next. Invalid.
- They follow the later characters of their own window: the model looks at what it should predict.
  Invalid.
- They follow the other windows of the batch. Then the same windows are asked alone, and score.py
  counts them as they are alone, with fewer points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grader.course.dataset import Corpus
from grader.errors import SubmissionFailed, TaskError
from grader.exams.checks.shares import share
from grader.exams.exam import not_valid
from grader.exams.session import Session
from grader.metrics import language as metrics
from grader.metrics.statistics import mean_interval
from grader.records import Code, Measured
from grader.sandbox.box import Box

TWINS = 32
KEPT_SHARE = 0.1  # of the windows, and so many at most
MOST_KEPT = 64
AGAIN = 8  # twins that are asked once more in the place of their originals, among the same windows
ALONE = 64  # windows asked alone, where neighbours count
# Log probabilities before a cut may differ by so much: a batch of another size or order adds its
# numbers in another order.
FUTURE_NATS = 1e-2
LIKELY = np.log(1e-6)  # of a character; what the far tails of logits say is rounding

Ask = Callable[[np.ndarray], np.ndarray]  # int64 (n, context + 1) -> float32 (n, context, vocab)


class Twin(NamedTuple):
    """The row of a twin, that of its original, and the place from which on they differ."""

    row: int
    original: int
    cut: int


@dataclass(frozen=True)
class Windows:
    """What is asked: windows of hidden text with some twins among them, in a drawn order.

    tokens: int64 (n, context + 1); the last column is only predicted. twin_of: the row a twin was
    made from, -1 for originals, (n,). cut: tokens before this position are those of the original,
    (n,). kept: windows that are never asked as they are, only as perturbed copies, which no
    answer that is remembered helps with, (m, context + 1).
    """

    tokens: np.ndarray
    twin_of: np.ndarray
    cut: np.ndarray
    kept: np.ndarray

    @property
    def originals(self) -> np.ndarray:
        """Rows that are no twins, int64 (m,)."""
        return np.flatnonzero(self.twin_of < 0)

    @property
    def twins(self) -> list[Twin]:
        """The twins in the order of their rows."""
        rows = np.flatnonzero(self.twin_of >= 0)
        return [Twin(int(row), int(self.twin_of[row]), int(self.cut[row])) for row in rows]


def cut_windows(corpus: Corpus, length: int, draw: np.random.Generator) -> Windows:
    """Cut the hidden text into windows that do not overlap, add twins, and shuffle all of them.

    length: characters that a model is shown at once. The first window begins at a drawn character.
    TaskError if the text is too short.
    """
    size = length + 1
    hidden = corpus.encode(corpus.hidden)
    count = (len(hidden) - 1) // size - 1
    if count < TWINS:
        raise TaskError(
            f"the hidden text has {len(hidden)} characters, too few for {TWINS} windows of {size}"
        )
    start = int(draw.integers(size))
    every = draw.permutation(hidden[start : start + count * size].reshape(count, size))
    kept = every[: min(MOST_KEPT, int(KEPT_SHARE * count), count - TWINS)]
    originals = every[len(kept) :]
    count = len(originals)
    made_from = draw.permutation(count)[:TWINS]
    cuts = draw.integers(length // 4, length - 1, size=TWINS)
    twins = originals[made_from].copy()
    for twin, cut in zip(twins, cuts, strict=True):
        other = int(draw.integers(len(hidden) - size))
        twin[cut:] = hidden[other : other + size][cut:]
    order = draw.permutation(count + TWINS)
    row_of = np.argsort(order)
    return Windows(
        tokens=np.concatenate([originals, twins])[order],
        twin_of=np.concatenate([np.full(count, -1), row_of[made_from]])[order],
        cut=np.concatenate([np.full(count, size), cuts])[order],
        kept=kept,
    )


def must_be_causal(
    session: Session, box: Box, windows: Windows, logits: np.ndarray, first: int = 0
) -> dict[str, Measured]:
    """Return what windows cost alone if their logits follow the other windows of the batch.

    No figures where they follow earlier characters alone, as they should. SubmissionFailed where
    they follow what comes later in their own window, or the same batch gets others when it is asked
    twice. logits: float32 (n, context, vocabulary), finite, as answered in the timed phase;
    from row `first` on, in batches. The box is thawed.
    """
    twins = windows.twins
    pairs = [(logits[twin.row, : twin.cut], logits[twin.original, : twin.cut]) for twin in twins]
    changed = count_changed(pairs)
    if not changed:
        return {}
    session.progress.step("asking again to see why logits changed")
    vocabulary = logits.shape[2]
    limit = session.task.spec.limits.call_seconds

    def ask(tokens: np.ndarray) -> np.ndarray:
        return box.logits(np.ascontiguousarray(tokens[:, :-1]), vocabulary, limit)[0]

    originals = session.draw.permutation(windows.originals)
    neighbours = windows.tokens[originals[: session.task.spec.batch]]
    must_repeat(ask(neighbours), ask(neighbours))
    again = twins[:AGAIN]
    looking_ahead = count_looking_ahead(ask, windows, again, neighbours)
    if looking_ahead:
        raise sees_future(looking_ahead, len(again))
    in_batches = windows.originals[windows.originals >= first]
    drawn = session.draw.permutation(in_batches)[:ALONE]
    alone = np.concatenate([ask(windows.tokens[[row]]) for row in drawn])
    same = are_same(alone, logits[drawn])
    if same.all():  # then it was not the neighbours either, and only the future is left
        raise sees_future(changed, len(twins))
    return {"alone_same": share(same), "alone_bits": cost(alone, logits[drawn], windows, drawn)}


def count_looking_ahead(
    ask: Ask, windows: Windows, twins: Iterable[Twin], neighbours: np.ndarray
) -> int:
    """Return for how many twins the logits before the cut change though their neighbours stay.

    neighbours: a batch of windows, int64 (n, context + 1), the first of which makes room.
    """
    found = 0
    for twin in twins:
        before = ask(np.concatenate([windows.tokens[[twin.original]], neighbours[1:]]))
        after = ask(np.concatenate([windows.tokens[[twin.row]], neighbours[1:]]))
        found += count_changed([(before[0, : twin.cut], after[0, : twin.cut])])
    return found


def cost(alone: np.ndarray, in_batch: np.ndarray, windows: Windows, rows: np.ndarray) -> Measured:
    """Return how many bits a character windows cost more when they are asked alone.

    alone, in_batch: logits of the windows of these rows, float32 (n, context, vocabulary).
    """
    targets = windows.tokens[rows, 1:]
    more = metrics.bits_per_token(alone, targets) - metrics.bits_per_token(in_batch, targets)
    return of_windows(more.mean(axis=1))


def sees_future(seen: int, of: int) -> SubmissionFailed:
    """Return what to raise where logits changed in so many windows with what comes later."""
    return not_valid(
        Code.SEES_FUTURE,
        f"in {seen} of {of} windows the logits changed at positions before a change in the text; "
        "expected logits that depend on earlier characters only. Is the causal mask missing, or "
        "is the text read backwards?",
    )


def must_repeat(first: np.ndarray, second: np.ndarray) -> None:
    """Raise SubmissionFailed where the same batch got other logits the second time.

    first, second: float32 (n, context, vocabulary).
    """
    far = distance(first, second)
    if far > FUTURE_NATS:
        raise not_valid(
            Code.NOT_REPEATABLE,
            "the same batch of windows, asked twice in a row, got different logits (log "
            f"probabilities differ by up to {far:.2g}); expected the same answer each time. Is "
            "dropout still on (call model.eval() before answering), or is a hidden state kept from "
            "one call to the next?",
        )


def count_changed(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> int:
    """Return in how many pairs of logits (t, vocabulary) more changed than rounding explains."""
    return sum(distance(ours, theirs) > FUTURE_NATS for ours, theirs in pairs)


def are_same(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return which windows have the same logits (n, t, vocabulary) up to rounding, bool (n,)."""
    pairs = zip(ours, theirs, strict=True)
    return np.array([distance(one, other) <= FUTURE_NATS for one, other in pairs])


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest difference of log probabilities (natural) of characters that are likely.

    Those count that either side holds for likely. inf if a logit is not finite.
    """
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return math.inf
    one = metrics.log_probabilities(ours)
    other = metrics.log_probabilities(theirs)
    is_likely = np.maximum(one, other) > LIKELY
    return float(np.abs(one - other)[is_likely].max())


def of_windows(values: np.ndarray) -> Measured:
    """Return the mean of one number a window, float64 (n,), in bits a character."""
    mean, low, high = mean_interval(values)
    return Measured(
        value=mean,
        low=low,
        high=high,
        n=len(values),
        unit="bits a character",
        spread="95% interval",
    )
