"""Right, written another way: one-hot labels, einsum, a sign instead of a mask, a dict as the answer."""

import numpy as np


def loss_gradient(logits, y):
    target = np.zeros_like(logits)
    np.put_along_axis(target, y[:, None], 1.0, axis=1)
    log_chances = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return {"dlogits": (np.exp(log_chances) - target) / len(y), "loss": -np.sum(log_chances * target) / len(y)}


def layer_gradient(X, W, dZ):
    return np.einsum("nk,dk->nd", dZ, W), np.einsum("nd,nk->dk", X, dZ), np.ones(len(X)) @ dZ


def backprop(X, y, W1, b1, W2, b2):
    before = X @ W1 + b1
    active = np.heaviside(before, 0.0)
    found = loss_gradient((before * active) @ W2 + b2, y)
    dlogits = found["dlogits"]
    dbefore = dlogits @ W2.T * active
    ones = np.ones(len(X))
    return {
        "loss": found["loss"],
        "dW2": (before * active).T @ dlogits,
        "db2": ones @ dlogits,
        "dW1": X.T @ dbefore,
        "db1": ones @ dbefore,
    }
