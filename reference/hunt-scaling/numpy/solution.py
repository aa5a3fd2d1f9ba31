"""A column without spread, a test row far outside, and a last batch that is all alone.

Claim: breaks every function, whatever sizes are asked for.
Evidence: `grader run reference/hunt-scaling/numpy --task hunt-scaling`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def breaks_standardize(n, d):
    """Without any spread, 0 is divided by 0."""
    return np.full((n, d), 7.0)


def breaks_range(n, m, d):
    """The test rows decide what 1 is, and the training rows end up near 0."""
    train = np.zeros((n, d))
    train[0] = 1.0
    return train, np.full((m, d), 100.0)


def breaks_mean_of_batches(n):
    """The last batch is small, but counts as much as a full one."""
    losses = np.zeros(n)
    losses[-(n % 8) :] = 100.0
    return losses
