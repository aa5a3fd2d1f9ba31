"""One neuron, then a layer: complete the three functions in this order."""

import numpy as np


def weighted_sum(x: np.ndarray, w: np.ndarray, b: float) -> float:
    """Return w1*x1 + w2*x2 + ... + wd*xd + b as one number.

    x: the inputs of one example, shape (d,)
    w: one weight for each input, shape (d,)
    b: the bias, a float
    """
    # Multiply element by element, add up, add the bias.
    raise NotImplementedError


def neuron(x: np.ndarray, w: np.ndarray, b: float) -> float:
    """Return the sigmoid of the weighted sum, a number between 0 and 1.

    x, w, b: as in weighted_sum
    """
    # Call weighted_sum, then 1 / (1 + np.exp(-z)).
    raise NotImplementedError


def layer(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the outputs of k neurons for n examples, shape (n, k).

    X: one example per row, shape (n, d)
    W: the weights of one neuron per column, shape (d, k)
    b: one bias per neuron, shape (k,)
    """
    # X @ W has one row per example and one column per neuron.
    raise NotImplementedError
