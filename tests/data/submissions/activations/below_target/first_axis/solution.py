"""Stable, but softmax sums over the examples, not over the classes."""

import numpy as np


def relu(x):
    return x * (x > 0)


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


def softmax(x):
    powers = np.exp(x - x.max(axis=0))
    return powers / powers.sum(axis=0)
