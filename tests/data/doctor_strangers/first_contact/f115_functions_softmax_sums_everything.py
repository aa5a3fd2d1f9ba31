# task: activations
# mistake: other
# line: np.sum(e)
# says: row | axis
# fix: np.sum(e) => np.sum(e, axis=-1, keepdims=True)
import numpy as np


def relu(x):
    return np.where(x > 0, x, 0)


def sigmoid(x):
    out = np.empty_like(x)
    pos = x >= 0
    out[pos] = 1 / (1 + np.exp(-x[pos]))
    t = np.exp(x[~pos])
    out[~pos] = t / (1 + t)
    return out


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e)
