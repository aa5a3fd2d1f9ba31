"""The layer multiplies with W.T, whose sides do not fit, and raises."""

import numpy as np


def weighted_sum(x, w, b):
    return np.dot(w, x) + b


def neuron(x, w, b):
    return 1 / (1 + np.exp(-weighted_sum(x, w, b)))


def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W.T + b)))
