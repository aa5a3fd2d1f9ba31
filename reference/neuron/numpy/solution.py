"""One neuron and a layer of neurons, each one line of NumPy.

Claim: right in every group of cases of the task `neuron`, whatever the draw.
Evidence: `grader run reference/neuron/numpy --task neuron` ends as accepted with 100 points.
Machine: nothing here is timed, so the claim depends on none.
"""

import numpy as np


def weighted_sum(x, w, b):
    """Return the sum of weight times input, plus the bias."""
    return float(np.dot(w, x) + b)


def neuron(x, w, b):
    """Return the sigmoid of the weighted sum."""
    return 1.0 / (1.0 + np.exp(-weighted_sum(x, w, b)))


def layer(X, W, b):
    """Return the sigmoid of X W + b, shape (n, k): the bias (k,) is added to every row."""
    return 1.0 / (1.0 + np.exp(-(X @ W + b)))
