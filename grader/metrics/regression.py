"""How far numbers are from their targets. Arrays in, numbers out."""

from __future__ import annotations

import numpy as np


def absolute_errors(answers: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return |answer - target| of each input, float64 (n,); answers and targets: (n,)."""
    errors: np.ndarray = np.abs(answers.astype(np.float64) - targets.astype(np.float64))
    return errors


def root_mean_squared_error(answers: np.ndarray, targets: np.ndarray) -> float:
    """Return the root of the mean squared error, in the targets' unit; answers, targets: (n,)."""
    return float(np.sqrt(np.mean(absolute_errors(answers, targets) ** 2)))


def explained_variance(answers: np.ndarray, targets: np.ndarray) -> float:
    """Return R squared: 1 for perfect answers, 0 for answering the mean, below for worse.

    answers, targets: (n,), targets not all alike.
    """
    spread = targets.astype(np.float64) - float(targets.mean())
    lost = float(np.sum(absolute_errors(answers, targets) ** 2))
    return 1.0 - lost / float(np.sum(spread**2))
