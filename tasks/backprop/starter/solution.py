"""Backpropagation with one hidden layer: X -> hidden -> logits -> loss, and all the way back."""

import numpy as np


def loss_gradient(logits: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, dlogits): the mean cross-entropy and its gradient.

    logits: one score for each example and class, shape (n, k)
    y: the right class of each example, whole numbers from 0 to k - 1, shape (n,)

    dlogits: how the loss changes with each logit, shape (n, k)
    """
    raise NotImplementedError


def layer_gradient(
    X: np.ndarray, W: np.ndarray, dZ: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (dX, dW, db): the gradients of a layer Z = X @ W + b.

    X: what went into the layer, shape (n, d)
    W: its weights, shape (d, k)
    dZ: how the loss changes with each number that came out, shape (n, k);
        it is already divided by the size of the batch

    dX, dW, db: shapes (n, d), (d, k) and (k,)
    """
    raise NotImplementedError


def backprop(
    X: np.ndarray, y: np.ndarray, W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (loss, dW1, db1, dW2, db2) of a network with one hidden layer.

    X: n examples with d inputs each, shape (n, d)
    y: the right class of each example, shape (n,)
    W1, b1: the hidden layer, which ends in a ReLU, shapes (d, h) and (h,)
    W2, b2: the output layer, shapes (h, k) and (k,)

    Each gradient has the shape of what it belongs to.
    """
    # Forward: keep X @ W1 + b1 and what ReLU makes of it; you need both on the way back.
    # Backward: loss_gradient, layer_gradient of the output layer, ReLU, then layer_gradient of the
    # hidden layer.
    raise NotImplementedError
