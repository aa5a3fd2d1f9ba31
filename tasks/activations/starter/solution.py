"""Three activation functions. Each takes an array of any size and returns one of the same shape."""

import numpy as np


def relu(x: np.ndarray) -> np.ndarray:
    """Return x where x is positive and 0 elsewhere.

    x: float64 or float32, shape (k,) or (n, k); the answer has the same shape
    """
    raise NotImplementedError


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), element by element, each between 0 and 1.

    x: float64 or float32, shape (k,) or (n, k); the answer has the same shape
    """
    # Right for ordinary x, but not for x = 1000. Why?
    powers = np.exp(x)
    return powers / (1 + powers)


def softmax(x: np.ndarray) -> np.ndarray:
    """Return exp(x) / sum of exp(x), where the sum runs over the last axis: each row sums to 1.

    x: float64 or float32, shape (k,) or (n, k); the answer has the same shape
    """
    raise NotImplementedError
