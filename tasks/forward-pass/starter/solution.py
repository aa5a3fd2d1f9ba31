"""The forward pass of a network with one hidden layer: X -> hidden -> logits -> loss."""

import numpy as np


def forward(
    X: np.ndarray, W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (hidden, logits), of shapes (n, h) and (n, k).

    X: n examples with d inputs each, shape (n, d)
    W1, b1: the hidden layer, which ends in a ReLU, shapes (d, h) and (h,)
    W2, b2: the output layer, which has no activation function, shapes (h, k) and (k,)
    """
    raise NotImplementedError


def cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    """Return the mean over the batch of -log(softmax(logits)[right class]).

    logits: one score for each example and class, shape (n, k); may be as large as 1000
    y: the right class of each example, whole numbers from 0 to k - 1, shape (n,)
    """
    raise NotImplementedError


def network_loss(
    X: np.ndarray, y: np.ndarray, W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray
) -> float:
    """Return the cross-entropy loss of the network on a batch X with the right classes y."""
    _, logits = forward(X, W1, b1, W2, b2)
    return cross_entropy(logits, y)
