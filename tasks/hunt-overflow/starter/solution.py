"""Three formulas that are right on paper. Find numbers on which they go wrong."""

import numpy as np

# The functions to break. They are here to be tried; the grader has its own copies.


def softmax(scores):
    """Return the probabilities of k classes from their scores (k,)."""
    powers = np.exp(scores)
    return powers / powers.sum()


def log_loss(scores, label):
    """Return the cross-entropy: minus the logarithm of the share of the class `label`, for scores
    (k,).
    """
    powers = np.exp(scores - scores.max())
    return -np.log(powers[label] / powers.sum())


def variance(x):
    """Return the mean of the squares minus the square of the mean, for x (n,)."""
    return np.mean(x**2) - np.mean(x) ** 2


# What you write: functions that find an input. As they stand, each returns one that breaks nothing.


def breaks_softmax(k: int, largest: float) -> np.ndarray:
    """Return scores (k,), none beyond -largest to largest, on which softmax() is wrong."""
    return np.linspace(-1.0, 1.0, k)


def breaks_log_loss(k: int, largest: float) -> tuple[np.ndarray, int]:
    """Return scores (k,), none beyond -largest to largest, and a label from 0 to k - 1, where
    log_loss() is wrong.
    """
    return np.linspace(-1.0, 1.0, k), 0


def breaks_variance(n: int, largest: float) -> np.ndarray:
    """Return x (n,), none beyond -largest to largest, on which variance() is wrong."""
    return np.linspace(-1.0, 1.0, n)
