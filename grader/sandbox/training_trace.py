"""Reads the runner's record of a training, the training trace.

It is the submission's word, for the runner that writes it shares a process with the submission. So
whatever the numbers are, reading never fails: a count that is none, a share above 1, more losses
than there is room for count as not known. Losses may hold NaN and infinities: that they do is worth
knowing, and readers have to expect it. Nothing here is ever scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from grader.runner.frames import MOST_LOSSES, TRACE_NAMES, TRACE_NUMBERS, LossSource

Kind = Literal["gradients", "epochs", "logged"]
KINDS: dict[int, Kind] = {
    LossSource.GRADIENTS: "gradients",
    LossSource.EPOCHS: "epochs",
    LossSource.LOGGED: "logged",
}
MOST_COUNTED = 10**12  # a larger number is no count


@dataclass(frozen=True)
class TrainingTrace:
    """What the runner saw of a training. None: not known, or not told in a form that makes sense.

    source: where the losses come from, see `frames.LossSource`.
    losses: float64 (n,), at most MOST_LOSSES, in the order in which they came; may hold NaN.
    places: int64 (n,), which of all `noted` losses these are, from 0.
    steps: of optimizers. backwards: how often gradients were asked for.
    held: the share of the model's parameter tensors that an optimizer was given.
    moved: the share of those of them seen before the training that it changed.
    reached: the share of those held that ever got a gradient other than 0.
    frozen: the share of those that were not to be trained, and never moved.
    listed: how many parameter tensors lie in plain lists, where PyTorch does not see them.
    lag: the largest share that batch norm's statistics still have of where they began.
    cross_entropy: whether the first loss was a plain cross-entropy of scores.
    """

    source: Kind = "gradients"
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    places: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    noted: int = 0
    steps: int | None = None
    backwards: int | None = None
    held: float | None = None
    moved: float | None = None
    reached: float | None = None
    frozen: float | None = None
    listed: int | None = None
    lag: float | None = None
    cross_entropy: bool | None = None

    @property
    def begins(self) -> bool:
        """Whether the first loss was computed before the first step, where the training began.

        The mean of an epoch, or what somebody logs, comes only after some steps.
        """
        return self.source == "gradients"


def read_trace(numbers: np.ndarray) -> TrainingTrace | None:
    """Return what float64 numbers of shape (TRACE_NUMBERS,) say, as frames.py describes them.

    None for numbers of another type or shape, and for a head that contradicts itself.
    """
    if numbers.shape != (TRACE_NUMBERS,) or numbers.dtype != np.float64:
        return None
    head = dict(zip(TRACE_NAMES, numbers.tolist(), strict=False))
    source = count(head["source"])
    noted = count(head["noted"])
    every = count(head["every"])
    kept = count(head["kept"])
    if source is None or noted is None or every is None or kept is None or source not in KINDS:
        return None
    if kept > min(noted, MOST_LOSSES):
        return None
    places = places_of(kept, every, noted)
    if len(np.unique(places)) != kept:
        return None
    return TrainingTrace(
        source=KINDS[source],
        losses=numbers[len(TRACE_NAMES) :][:kept].copy(),
        places=places,
        noted=noted,
        steps=count(head["steps"]),
        backwards=count(head["backwards"]),
        held=share(head["held"]),
        moved=share(head["moved"]),
        reached=share(head["reached"]),
        frozen=share(head["frozen"]),
        listed=count(head["listed"]),
        lag=share(head["lag"]),
        cross_entropy=truth(head["cross_entropy"]),
    )


def places_of(kept: int, every: int, noted: int) -> np.ndarray:
    """Return which of all losses were kept: int64 (kept,), from 0.

    Those at multiples of `every`, and the last.
    """
    return np.minimum(np.arange(kept) * max(every, 1), max(noted - 1, 0))


def count(number: float) -> int | None:
    """Return a whole number from 0 to MOST_COUNTED, or None."""
    if 0 <= number <= MOST_COUNTED and number == int(number):
        return int(number)
    return None


def share(number: float) -> float | None:
    """Return a number from 0 to 1, or None."""
    if 0 <= number <= 1:
        return number
    return None


def truth(number: float) -> bool | None:
    """Return what 0 or 1 says, or None."""
    return bool(number) if number in (0, 1) else None
