"""What is known of one trained model: numbers the host measured, and the few the submission told.

A value. Nothing in it is the learner's word but `TrainingEvidence`, and no diagnosis rests on `TrainingEvidence` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

MOST_LOSSES = (
    4096  # kept of a curve; of a longer one evenly spread, the first and the last among them
)

Batch = np.ndarray | list[str]


@dataclass(frozen=True)
class TrainingEvidence:
    """What the submission, or the runner in its box, tells of the training. Evidence, never proof.

    losses: float64 (n,), the losses in the order in which gradients were asked for, or one an
    epoch; may hold NaN.
    begins: the first of them was computed before the first step, so that it shows where training
    began.
    steps: optimizer steps seen. backwards: gradients asked for. held: share of the model's
    parameter tensors that an optimizer was given. moved: share of those of them seen before
    training that it changed. None where it is not known.
    """

    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    steps: int | None = None
    backwards: int | None = None
    held: float | None = None
    moved: float | None = None
    begins: bool = True


@dataclass(frozen=True)
class Classified:
    """A classifier's answers to the grader's own questions. Scores are float32 (n, classes) and may
    hold NaN.

    From `first` on they answer the same few training examples, as `probes` asked them.
    None: not asked, not answered, or the time was over.
    """

    classes: int
    hidden_scores: np.ndarray
    hidden_labels: np.ndarray  # int64 (n,)
    train_scores: np.ndarray | None = None
    train_labels: np.ndarray | None = None  # int64 (m,) of those in train_scores
    label_shares: np.ndarray | None = (
        None  # of each class in the whole training set, float64 (classes,)
    )
    input_largest: float | None = (
        None  # largest number in the probed training inputs, its sign left out
    )
    first: np.ndarray | None = None  # one batch of training examples
    again: np.ndarray | None = None  # the same batch
    permuted: np.ndarray | None = None  # in another order; answers back in the first order
    front_changed: np.ndarray | None = None  # the first half are other examples
    back_changed: np.ndarray | None = None  # the second half are other examples
    alone: np.ndarray | None = None  # the first few, one at a time
    alone_raised: bool = False  # one example alone raised an exception, a batch did not
    halved: np.ndarray | None = (
        None  # inputs of half the size, rounded down where they are whole numbers
    )
    sum_parts: Sequence[
        np.ndarray
    ] = ()  # answers to u, v, u + v and zeros: for a linear model they add up


@dataclass(frozen=True)
class Foretold:
    """A language model's answers about windows of the training text. Logits are float32 (n, t,
    vocabulary).

    None: not asked, not answered, or the time was over.
    """

    vocabulary: int
    tokens: np.ndarray  # int64 (n, t + 1): the last column is only foretold
    token_shares: np.ndarray  # of each token in the training text, float64 (vocabulary,)
    logits: np.ndarray | None = None
    cut: int = 0  # from this position on, `other_future` was told something else
    other_future: np.ndarray | None = None
    again: np.ndarray | None = None  # the same windows
    permuted: np.ndarray | None = None  # in another order; answers back in the first order
    front_changed: np.ndarray | None = None  # the first half are other windows
    back_changed: np.ndarray | None = None  # the second half are other windows


@dataclass(frozen=True)
class Made:
    """A generator's pictures, and training pictures beside them. Both uint8; how many of each is
    free.
    """

    pictures: np.ndarray  # (seeds, pictures of a seed, height, width)
    training: np.ndarray  # (n, height, width)


def thinned(losses: np.ndarray | Sequence[float]) -> np.ndarray:
    """Return at most MOST_LOSSES of a curve as float64 (n,), evenly spread; what is no list of
    numbers is empty.
    """
    try:
        curve = np.asarray(losses, dtype=np.float64)
    except (TypeError, ValueError):
        return np.empty(0)
    if curve.ndim != 1:
        return np.empty(0)
    if len(curve) > MOST_LOSSES:
        curve = curve[np.linspace(0, len(curve) - 1, MOST_LOSSES).astype(np.int64)]
    return curve
