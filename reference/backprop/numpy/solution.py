"""The loss and all gradients of a two-layer network, by hand, in NumPy.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/backprop/numpy --task backprop`: 100 points.
Machine: any; the largest case takes milliseconds, and the limit is seconds.
"""

import numpy as np


def loss_gradient(logits, y):
    """Return the mean cross-entropy and its gradient, (softmax - one-hot) / n."""
    n = len(y)
    rows = np.arange(n)
    shifted = logits - logits.max(axis=1, keepdims=True)
    sums = np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(sums[:, 0]) - shifted[rows, y])
    dlogits = np.exp(shifted) / sums
    dlogits[rows, y] -= 1
    return float(loss), dlogits / n


def layer_gradient(X, W, dZ):
    """Return the gradients of X @ W + b with respect to X, W and b."""
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def backprop(X, y, W1, b1, W2, b2):
    """Return loss, dW1, db1, dW2, db2: one pass forward, one back."""
    hidden = np.maximum(X @ W1 + b1, 0)
    loss, dlogits = loss_gradient(hidden @ W2 + b2, y)
    dhidden, dW2, db2 = layer_gradient(hidden, W2, dlogits)
    dhidden[hidden == 0] = 0
    _, dW1, db1 = layer_gradient(X, W1, dhidden)
    return loss, dW1, db1, dW2, db2
