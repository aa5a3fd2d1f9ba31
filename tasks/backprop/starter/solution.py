"""Backpropagation through a network with one hidden layer: X -> hidden -> logits -> loss, and
back.
"""

import numpy as np


def loss_gradient(logits: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, dlogits): the mean cross-entropy, and how it changes with each logit, shape (n,
    k).

    logits: one score for each example and class, shape (n, k)
    y: the right class of each example, whole numbers from 0 to k - 1, shape (n,)
    """
    raise NotImplementedError


def layer_gradient(
    X: np.ndarray, W: np.ndarray, dZ: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (dX, dW, db) of a layer Z = X @ W + b, of shapes (n, d), (d, k) and (k,).

    X: what went into the layer, shape (n, d)
    W: its weights, shape (d, k)
    dZ: how the loss changes with each number that came out, shape (n, k); the mean over the batch
    is in it already
    """
    raise NotImplementedError


def backprop(
    X: np.ndarray, y: np.ndarray, W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (loss, dW1, db1, dW2, db2); each gradient has the shape of what it belongs to.

    X: n examples with d inputs each, shape (n, d);  y: their classes, shape (n,)
    W1, b1: the hidden layer with ReLU, shapes (d, h) and (h,)
    W2, b2: the output layer, shapes (h, k) and (k,)
    """
    # Forward: keep X @ W1 + b1 and what ReLU makes of it; both are needed on the way back.
    # Backward: loss_gradient, layer_gradient of the output layer, ReLU, layer_gradient of the
    # hidden layer.
    raise NotImplementedError
