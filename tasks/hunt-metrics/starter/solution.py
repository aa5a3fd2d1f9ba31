"""Three measures of a classifier that look right. Find answers for which they are far off."""

import numpy as np

# The functions to break. They are here for you to try; the grader has its own copies.


def accuracy(scores, labels):
    """Return the share of right answers, for scores (n, k) and a column of labels (n, 1)."""
    return (scores.argmax(axis=1) == labels).mean()


def reached_best(scores, labels):
    """Return how often the right class has the best score, for scores (n, k) and labels (n,)."""
    own = scores[np.arange(len(labels)), labels]
    return (own >= scores.max(axis=1)).mean()


def mean_recall(answers, labels):
    """Return the mean share of a class that is found, for answers (n,) and labels (n,)."""
    return np.mean([(answers[labels == c] == c).mean() for c in np.unique(answers)])


# What you write: functions that find an input. As they stand, their inputs break nothing.


def breaks_accuracy(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (n, k) and labels (n, 1) for which accuracy() is wrong by 0.4 or more."""
    return np.eye(k)[np.zeros(n, dtype=int)], np.zeros((n, 1), dtype=int)


def breaks_reached_best(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (n, k) and labels (n,) for which reached_best() is wrong by 0.5 or more."""
    labels = np.arange(n) % k
    return np.eye(k)[labels], labels


def breaks_mean_recall(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers (n,) and labels (n,) for which mean_recall() is wrong by 0.4 or more."""
    labels = np.arange(n) % k
    return labels, labels
