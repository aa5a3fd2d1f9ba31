"""Shapes that stretch, scores that tie, and a class that nobody answers.

Claim: breaks every function of the task `hunt-metrics`, whatever sizes are asked for.
Evidence: `grader run reference/hunt-metrics/numpy --task hunt-metrics` ends as accepted with 100
points.
Machine: the claim depends on none.
"""

import numpy as np


def breaks_accuracy(n, k):
    """(n,) == (n, 1) is a table of n by n: each answer is compared with every label."""
    labels = np.arange(n) % k
    return np.eye(k)[labels], labels[:, None]


def breaks_reached_best(n, k):
    """Who gives every class the same score has always reached the best one."""
    return np.zeros((n, k)), np.ones(n, dtype=np.int64)


def breaks_mean_recall(n, k):
    """A class that is never answered drops out of the mean."""
    return np.zeros(n, dtype=np.int64), np.arange(n) % k
