"""Three measures of a classifier that look right. Find answers on which they say something
false.
"""

import numpy as np

# The functions to break. They are here to be tried; the grader has its own copies.


def accuracy(scores, labels):
    """Return the share of right answers, for scores (n, k) and labels (n, 1) as a table's last
    column gives them.
    """
    return (scores.argmax(axis=1) == labels).mean()


def reached_best(scores, labels):
    """Return the share of examples whose own class has the best score of its row, for scores (n, k)
    and labels (n,).
    """
    own = scores[np.arange(len(labels)), labels]
    return (own >= scores.max(axis=1)).mean()


def mean_recall(answers, labels):
    """Return how much of a class is found, averaged over the classes, for answers (n,) and labels
    (n,).
    """
    return np.mean([(answers[labels == c] == c).mean() for c in np.unique(answers)])


# What you write: functions that find an input. As they stand, each returns one that breaks nothing.


def breaks_accuracy(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (n, k) and labels (n, 1) on which accuracy() is wrong by 0.4 or more."""
    return np.eye(k)[np.zeros(n, dtype=int)], np.zeros((n, 1), dtype=int)


def breaks_reached_best(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (n, k) and labels (n,) on which reached_best() is wrong by 0.5 or more."""
    labels = np.arange(n) % k
    return np.eye(k)[labels], labels


def breaks_mean_recall(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers (n,) and labels (n,) on which mean_recall() is wrong by 0.4 or more."""
    labels = np.arange(n) % k
    return labels, labels
