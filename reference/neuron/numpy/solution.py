"""One neuron and a layer of neurons, each one line of NumPy.

Claim: right in every group of cases, whatever is drawn.
Evidence: `grader run reference/neuron/numpy --task neuron`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def weighted_sum(x, w, b):
    """Return the sum of weight times input, plus the bias."""
    return float(np.dot(w, x) + b)


def neuron(x, w, b):
    """Return the sigmoid of the weighted sum."""
    return 1.0 / (1.0 + np.exp(-weighted_sum(x, w, b)))


def layer(X, W, b):
    """Return the sigmoid of X W + b, shape (n, k); the bias (k,) is added to every row."""
    return 1.0 / (1.0 + np.exp(-(X @ W + b)))
