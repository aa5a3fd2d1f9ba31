"""A neuron that forgets its bias; the layer is right."""

import numpy as np


def weighted_sum(x, w, b):
    return np.dot(w, x)


def neuron(x, w, b):
    return 1 / (1 + np.exp(-weighted_sum(x, w, b)))


def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W + b)))
