"""What is known of one submission: answers the host measured, and places in its source.

Values only. What the submission itself says of its training is not here: that is the
`TrainingTrace` of `grader.sandbox.training_trace`, and no diagnosis rests on it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

Batch = np.ndarray | list[str]


@dataclass(frozen=True)
class Source:
    """What a submission's files show: rule -> its first place, "solution.py:41"."""

    places: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False  # every file was read: what was not found, is not there


@dataclass(frozen=True)
class Classified:
    """A classifier's answers to the grader's own questions.

    Scores are float32 (n, classes) and may hold NaN. From `first` on they answer the same few
    training examples, as `probes.classifier` asked them. None: not asked, not answered, or the time
    was over.
    """

    classes: int
    hidden_scores: np.ndarray
    hidden_labels: np.ndarray  # int64 (n,)
    train_scores: np.ndarray | None = None
    train_labels: np.ndarray | None = None  # int64 (m,) of those in train_scores
    # Of each class in the whole training set, float64 (classes,).
    label_shares: np.ndarray | None = None
    # Largest number in the probed training inputs, its sign left out.
    input_largest: float | None = None
    first: np.ndarray | None = None  # one batch of training examples
    again: np.ndarray | None = None  # the same batch
    permuted: np.ndarray | None = None  # in another order; answers back in the first order
    front_changed: np.ndarray | None = None  # the first half are other examples
    back_changed: np.ndarray | None = None  # the second half are other examples
    alone: np.ndarray | None = None  # the first few, one at a time
    alone_raised: bool = False  # one example alone raised an exception, a batch did not
    # Inputs of half the size, rounded down where they are whole numbers.
    halved: np.ndarray | None = None
    # Answers to u, v, u + v and zeros: for a linear model they add up.
    sum_parts: Sequence[np.ndarray] = ()


@dataclass(frozen=True)
class PredictedText:
    """A language model's answers about windows of the training text.

    Logits are float32 (n, t, vocabulary). None: not asked, not answered, or the time was over.
    """

    vocabulary: int
    tokens: np.ndarray  # int64 (n, t + 1): the last column is only predicted, never read
    token_shares: np.ndarray  # of each token in the training text, float64 (vocabulary,)
    logits: np.ndarray | None = None
    cut: int = 0  # from this position on, `other_future` was given another text
    other_future: np.ndarray | None = None
    again: np.ndarray | None = None  # the same windows
    permuted: np.ndarray | None = None  # in another order; answers back in the first order
    front_changed: np.ndarray | None = None  # the first half are other windows
    back_changed: np.ndarray | None = None  # the second half are other windows


@dataclass(frozen=True)
class Regressed:
    """A regressor's answers: one number for each input. All float64 (n,), and may hold NaN."""

    hidden: np.ndarray
    hidden_targets: np.ndarray
    train: np.ndarray | None = None
    train_targets: np.ndarray | None = None


@dataclass(frozen=True)
class Made:
    """A generator's pictures, and training pictures to compare them with. Both uint8."""

    pictures: np.ndarray  # (seeds, pictures of a seed, height, width)
    training: np.ndarray  # (n, height, width)


@dataclass(frozen=True)
class Failed:
    """A failing case of a function: right and received arrays, in the order they are returned."""

    names: Sequence[str]
    expected: Sequence[np.ndarray]
    received: Sequence[np.ndarray]
    rows: int  # of the batch: the first axis of the first argument; 0 without arguments
