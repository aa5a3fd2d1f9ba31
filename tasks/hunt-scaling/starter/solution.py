"""Three lines of data preparation that look right. Find tables for which they go wrong."""

import numpy as np

# The functions to break. They are here for you to try; the grader has its own copies.


def standardize(X):
    """Return each column of X (n, d) with mean 0 and standard deviation 1."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


def to_range(train, test):
    """Return train (n, d), each column scaled to 0 to 1; test (m, d) will be scaled like it."""
    rows = np.concatenate([train, test])
    low, high = rows.min(axis=0), rows.max(axis=0)
    return (train - low) / (high - low)


def mean_of_batches(losses):
    """Return the mean of losses (n,), one per example, batch by batch as training sees them."""
    batches = [losses[start : start + 8] for start in range(0, len(losses), 8)]
    return np.mean([batch.mean() for batch in batches])


# What you write: functions that find an input. As they stand, their inputs break nothing.


def breaks_standardize(n: int, d: int) -> np.ndarray:
    """Return a table X (n, d), numbers from -100 to 100, for which standardize() is wrong."""
    return np.arange(float(n * d)).reshape(n, d)


def breaks_range(n: int, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return train (n, d) and test (m, d) for which to_range() is wrong by 0.5 or more.

    All numbers are from -100 to 100.
    """
    train = np.arange(float(n * d)).reshape(n, d)
    return train, np.full((m, d), train.mean(axis=0))


def breaks_mean_of_batches(n: int) -> np.ndarray:
    """Return losses (n,), from 0 to 100, for which mean_of_batches() is wrong by 0.5 or more.

    n is not a multiple of 8.
    """
    return np.ones(n)
