# task: activations
# mistake: softmax_over_batch
# line: axis=0
# says: axis | column | row
import numpy as np


def relu(x):
    return np.where(x > 0, x, np.zeros_like(x))


def sigmoid(x):
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    small = np.exp(x[~positive])
    out[~positive] = small / (1 + small)
    return out


def softmax(x):
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)
