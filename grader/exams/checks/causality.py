"""Whether a model's logits follow from earlier characters alone; and where they do not, what they
follow as well.

Among the windows of hidden text stand twins whose end was replaced: what is said before the cut
must not change. Where it did, the box is asked again, untimed, to tell three mistakes apart. Logits
of the same batch, asked twice, differ: something random is left on, or a state is kept from call to
call. They follow the later characters of their own window: the model looks at what it should
foretell. They follow the other windows of the batch: then the same windows are asked alone, and
score.py counts them as they are alone, with fewer points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from grader.course.dataset import Corpus
from grader.errors import TaskError
from grader.exams.checks.audits import share
from grader.exams.exam import Session, not_valid
from grader.metrics import language as metrics
from grader.metrics.classification import Z95
from grader.records import Measured
from grader.sandbox.box import Box

TWINS = 32
AGAIN = 8  # twins whose end is exchanged once more, while their neighbours stay
ALONE = 64  # windows asked alone where neighbours count
FUTURE_NATS = 1e-2  # log probabilities before a cut may differ by so much: sums in another order
LIKELY = np.log(1e-6)  # of a character; far tails of logits are rounding


@dataclass(frozen=True)
class Windows:
    """What is asked: int64 tokens, shape (n, context + 1): the last column is only foretold."""

    tokens: np.ndarray
    twin_of: np.ndarray  # (n,), the row a twin was made from, -1 for originals
    cut: np.ndarray  # (n,), tokens before this position are the same as in the original

    @property
    def originals(self) -> np.ndarray:
        """Rows that are no twins, int64 (m,)."""
        return np.flatnonzero(self.twin_of < 0)

    @property
    def twins(self) -> np.ndarray:
        """Rows that are twins of others, int64 (TWINS,)."""
        return np.flatnonzero(self.twin_of >= 0)


def cut_windows(corpus: Corpus, length: int, draw: np.random.Generator) -> Windows:
    """Cut the hidden text into windows that do not overlap, from a random start, add twins, and
    shuffle all.
    """
    hidden = corpus.encode(corpus.hidden)
    count = (len(hidden) - 1) // (length + 1) - 1
    if count < TWINS:
        raise TaskError(
            f"the hidden text has {len(hidden)} characters, too few for {TWINS} windows of {length + 1}"
        )
    start = int(draw.integers(length + 1))
    originals = hidden[start : start + count * (length + 1)].reshape(count, length + 1)
    made_from = draw.permutation(count)[:TWINS]
    cuts = draw.integers(length // 4, length - 1, size=TWINS)
    twins = originals[made_from].copy()
    for twin, cut in zip(twins, cuts, strict=True):
        other = int(draw.integers(len(hidden) - length - 1))
        twin[cut:] = hidden[other : other + length + 1][cut:]
    order = draw.permutation(count + TWINS)
    place = np.argsort(order)
    twin_of = np.concatenate([np.full(count, -1), place[made_from]])
    cut = np.concatenate([np.full(count, length + 1), cuts])
    return Windows(np.concatenate([originals, twins])[order], twin_of[order], cut[order])


def must_be_causal(
    session: Session, box: Box, windows: Windows, logits: np.ndarray
) -> dict[str, Measured]:
    """Return nothing of a model that reads what comes before, and what it loses alone of one that
    reads its neighbours.

    logits: float32 (n, context, vocabulary), finite, as answered in the timed phase.
    SubmissionFailed where they follow what comes later in the same window, or cannot be asked
    twice. The box is thawed.
    """
    pairs = [(row, windows.twin_of[row], int(windows.cut[row])) for row in windows.twins]
    changed = count_changed(
        (logits[twin, :cut], logits[original, :cut]) for twin, original, cut in pairs
    )
    if not changed:
        return {}
    session.progress.step("asking again why logits changed")
    limit, vocabulary = session.task.spec.limits.call_seconds, logits.shape[2]

    def ask(rows: np.ndarray) -> np.ndarray:
        return box.logits(np.ascontiguousarray(rows[:, :-1]), vocabulary, limit)[0]

    neighbours = windows.tokens[
        session.draw.permutation(windows.originals)[: session.task.spec.batch]
    ]
    must_repeat(ask(neighbours), ask(neighbours))
    own = 0
    for twin, original, cut in pairs[:AGAIN]:
        one, other = (
            np.concatenate([windows.tokens[[row]], neighbours[1:]]) for row in (original, twin)
        )
        own += count_changed([(ask(one)[0, :cut], ask(other)[0, :cut])])
    drawn = session.draw.permutation(windows.originals)[:ALONE]
    alone = np.concatenate([ask(windows.tokens[[row]]) for row in drawn])
    same = np.array(
        [distance(a, b) <= FUTURE_NATS for a, b in zip(alone, logits[drawn], strict=True)]
    )
    if own or same.all():
        seen, of = (own, min(AGAIN, len(pairs))) if own else (changed, len(pairs))
        raise not_valid(
            "sees_future",
            f"in {seen} of {of} windows the logits changed at places before a change in the text; expected "
            "logits that depend on earlier characters only. Is the causal mask missing, or is the text read backwards?",
        )
    targets = windows.tokens[drawn, 1:]
    costs = metrics.bits_per_token(alone, targets) - metrics.bits_per_token(logits[drawn], targets)
    return {"alone_same": share(same), "alone_bits": of_windows(costs.mean(axis=1))}


def must_repeat(first: np.ndarray, second: np.ndarray) -> None:
    """SubmissionFailed where the same batch got other logits the second time, float32 (n, context,
    vocabulary) each.
    """
    far = distance(first, second)
    if far > FUTURE_NATS:
        raise not_valid(
            "not_repeatable",
            f"the same batch of windows, asked twice in a row, got other logits (log probabilities differ by up to "
            f"{far:.2g}); expected the same answer each time. Is dropout still on (call model.eval() before "
            "answering), or is a hidden state kept from one call to the next?",
        )


def count_changed(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> int:
    """Return in how many pairs of logits (t, vocabulary) something changed that is more than
    rounding.
    """
    return sum(distance(ours, theirs) > FUTURE_NATS for ours, theirs in pairs)


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest difference of log probabilities (natural) of what either holds for likely,
    or inf.
    """
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return math.inf
    one, other = metrics.log_probabilities(ours), metrics.log_probabilities(theirs)
    return float(np.abs(one - other)[np.maximum(one, other) > LIKELY].max())


def of_windows(values: np.ndarray) -> Measured:
    """Return the mean of one number a window, float64 (n,), in bits a character, with its normal
    interval.
    """
    mean, half = float(values.mean()), Z95 * float(values.std(ddof=1)) / np.sqrt(len(values))
    return Measured(
        value=mean,
        low=mean - half,
        high=mean + half,
        n=len(values),
        unit="bits a character",
        spread="95% interval",
    )
