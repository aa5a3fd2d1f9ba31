"""Calls itself like a spreadsheet's formula, its author like a rival with invisible letters, at a length of 50 kB."""

import numpy as np


def weighted_sum(x, w, b):
    return float(x @ w + b)


def neuron(x, w, b):
    return float(1 / (1 + np.exp(-weighted_sum(x, w, b))))


def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W + b)))
