"""Shapes that stretch, scores that tie, and a class that is never answered.

Claim: breaks every function, whatever sizes are asked for.
Evidence: `grader run reference/hunt-metrics/numpy --task hunt-metrics`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def breaks_accuracy(n, k):
    """(n,) == (n, 1) is an n by n table: each answer is compared with every label."""
    labels = np.arange(n) % k
    return np.eye(k)[labels], labels[:, None]


def breaks_reached_best(n, k):
    """If every class has the same score, the best one is always reached."""
    return np.zeros((n, k)), np.ones(n, dtype=np.int64)


def breaks_mean_recall(n, k):
    """A class that is never answered drops out of the mean."""
    return np.zeros(n, dtype=np.int64), np.arange(n) % k
