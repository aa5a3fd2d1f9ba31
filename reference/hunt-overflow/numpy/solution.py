"""Too large for exp, too small for log, and too long for 16 digits.

Claim: breaks every function, whatever sizes are asked for.
Evidence: `grader run reference/hunt-overflow/numpy --task hunt-overflow`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def breaks_softmax(k, largest):
    """exp(710) is already inf, and inf / inf is nan."""
    return np.full(k, largest)


def breaks_log_loss(k, largest):
    """exp(-746) is 0, and log(0) is -inf; the true loss is twice `largest`."""
    scores = np.full(k, largest)
    scores[0] = -largest
    return scores, 0


def breaks_variance(n, largest):
    """Squares near 1e18 are at least 128 apart.

    So the 16 digits are used up before the difference is taken.
    """
    return largest - np.arange(n) % 2
