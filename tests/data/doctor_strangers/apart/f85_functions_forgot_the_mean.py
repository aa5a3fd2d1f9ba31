# task: backprop
# mistake: gradient_times_rows
# line: d[np.arange(n), y] -= 1
# says: divid | mean | rows | examples
import numpy as np


def loss_gradient(logits, y):
    n = len(y)
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    d = np.exp(logp)
    d[np.arange(n), y] -= 1
    return -logp[np.arange(n), y].mean(), d


def layer_gradient(X, W, dZ):
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def backprop(X, y, W1, b1, W2, b2):
    z = X @ W1 + b1
    h = np.maximum(z, 0)
    loss, d = loss_gradient(h @ W2 + b2, y)
    dh, dW2, db2 = layer_gradient(h, W2, d)
    _, dW1, db1 = layer_gradient(X, W1, dh * (z > 0))
    return loss, dW1, db1, dW2, db2
