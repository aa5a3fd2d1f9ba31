# task: backprop
# mistake: none
# resembles: gradient_times_rows
import numpy as np


def loss_gradient(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    d = np.exp(logp)
    d[rows, y] -= 1
    return float(-logp[rows, y].mean()), d / len(y)


def layer_gradient(X, W, dZ):
    return dZ.dot(W.T), X.T.dot(dZ), dZ.sum(0)


def backprop(X, y, W1, b1, W2, b2):
    z = X @ W1 + b1
    h = np.where(z > 0, z, 0)
    loss, d = loss_gradient(h @ W2 + b2, y)
    dh, dW2, db2 = layer_gradient(h, W2, d)
    dX, dW1, db1 = layer_gradient(X, W1, dh * (z > 0))
    return loss, dW1, db1, dW2, db2
