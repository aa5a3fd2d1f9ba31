"""ReLU, sigmoid and softmax in NumPy, safe for inputs of any size.

Claim: right in every group of cases, in float64 and float32, for inputs from -1000 to 1000.
Evidence: `grader run reference/activations/numpy --task activations`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def relu(x):
    """Return the larger of x and 0, element by element."""
    return np.maximum(x, 0)


def sigmoid(x):
    """Return 1 / (1 + exp(-x)). It takes exp only of numbers <= 0, so nothing overflows."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def softmax(x):
    """Return the softmax over the last axis.

    Subtracting the maximum of each row changes nothing but the size of exp.
    """
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
