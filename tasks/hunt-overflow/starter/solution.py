"""Three formulas that are right on paper. Find numbers for which they go wrong."""

import numpy as np

# The functions to break. They are here for you to try; the grader has its own copies.


def softmax(scores):
    """Return the probabilities of k classes from their scores (k,)."""
    powers = np.exp(scores)
    return powers / powers.sum()


def log_loss(scores, label):
    """Return the cross-entropy for scores (k,): minus the logarithm of the share of `label`."""
    powers = np.exp(scores - scores.max())
    return -np.log(powers[label] / powers.sum())


def variance(x):
    """Return the mean of the squares minus the square of the mean, for x (n,)."""
    return np.mean(x**2) - np.mean(x) ** 2


# What you write: functions that find an input. As they stand, their inputs break nothing.


def breaks_softmax(k: int, largest: float) -> np.ndarray:
    """Return scores (k,), none beyond -largest to largest, for which softmax() is wrong."""
    return np.linspace(-1.0, 1.0, k)


def breaks_log_loss(k: int, largest: float) -> tuple[np.ndarray, int]:
    """Return scores (k,) and a label from 0 to k - 1 for which log_loss() is wrong.

    No score lies beyond -largest to largest.
    """
    return np.linspace(-1.0, 1.0, k), 0


def breaks_variance(n: int, largest: float) -> np.ndarray:
    """Return x (n,), no number beyond -largest to largest, for which variance() is wrong."""
    return np.linspace(-1.0, 1.0, n)
