"""Named numbers, and the little arithmetic that several observables share."""

from __future__ import annotations

import math

import numpy as np

Numbers = dict[str, float]
TINY = 1e-12


def only_finite(numbers: Numbers) -> Numbers:
    """Return the numbers without those that are NaN or infinite."""
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def relative(difference: float, to: float) -> float:
    """Return a difference as a share of a number, whatever that number's sign."""
    return difference / max(TINY, abs(to))


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Return the logarithms of the softmax over the last axis, float64 scores of any shape."""
    values: np.ndarray = scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)
    return values
