"""Look inside a network: which inputs does a decision rest on?

The network is that of `backprop`: scores = ReLU(X W1 + b1) W2 + b2.

W1, b1: the hidden layer, shapes (d, h) and (h,)
W2, b2: the output layer, shapes (h, k) and (k,)
"""

import numpy as np


def input_gradient(
    X: np.ndarray, y: np.ndarray, W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray
) -> np.ndarray:
    """Return how the score of class y changes with each input, shape (n, d).

    X: n examples, shape (n, d)
    y: the class to ask about for each example, whole numbers, shape (n,)
    """
    raise NotImplementedError


def saliency_map(gradients: np.ndarray) -> np.ndarray:
    """Return how much each pixel matters, shape (n, h, w), from 0 to 1 in each picture.

    gradients: of n pictures with c channels, shape (n, c, h, w)

    A pixel matters as much as its strongest channel, whatever the sign. A picture whose gradients
    are all 0 stays 0.
    """
    raise NotImplementedError


def integrated_gradients(
    x: np.ndarray,
    baseline: np.ndarray,
    y: int,
    steps: int,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
) -> np.ndarray:
    """Return each input's share in the score of class y, shape (d,).

    x: one example, shape (d,)
    baseline: what to compare it with, shape (d,)
    steps: how many equal steps lead from baseline to x; the gradient is taken in the middle of each
    """
    raise NotImplementedError


def occlusion(
    picture: np.ndarray,
    y: int,
    size: int,
    fill: float,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
) -> np.ndarray:
    """Return by how much the score of class y drops when a patch is covered, for every patch.

    picture: shape (h, w); the network gets it row by row, as d = h * w inputs
    size: the side of a patch, which divides h and w
    fill: the value that covers the patch

    The result has the shape (h / size, w / size).
    """
    raise NotImplementedError
