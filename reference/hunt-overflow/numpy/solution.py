"""Too large for exp, too small for log, and too long for 16 digits.

Claim: breaks every function of the task `hunt-overflow`, whatever sizes are asked for.
Evidence: `grader run reference/hunt-overflow/numpy --task hunt-overflow` ends as accepted with 100
points.
Machine: the claim depends on none.
"""

import numpy as np


def breaks_softmax(k, largest):
    """exp(710) is inf already, and inf / inf is nan."""
    return np.full(k, largest)


def breaks_log_loss(k, largest):
    """exp(-746) is 0, and its logarithm minus infinity; the loss is twice `largest` in truth."""
    scores = np.full(k, largest)
    scores[0] = -largest
    return scores, 0


def breaks_variance(n, largest):
    """Squares of 1e18 differ by hundreds at least: the 16 digits are used up before the difference
    is taken.
    """
    return largest - np.arange(n) % 2
