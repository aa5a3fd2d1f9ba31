"""Three activation functions: each turns an array of any size into one of the same shape."""

import numpy as np


def relu(x: np.ndarray) -> np.ndarray:
    """Return x where it is positive, and 0 elsewhere.

    x: float64 or float32, shape (k,) or (n, k); the result has the same shape
    """
    raise NotImplementedError


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)) for each element: a number between 0 and 1.

    x: float64 or float32, shape (k,) or (n, k); the result has the same shape
    """
    # This is right for ordinary x, but not for x = 1000. Why?
    powers = np.exp(x)
    return powers / (1 + powers)


def softmax(x: np.ndarray) -> np.ndarray:
    """Return exp(x) divided by its sum over the last axis, so that each row sums to 1.

    x: float64 or float32, shape (k,) or (n, k); the result has the same shape
    """
    raise NotImplementedError
