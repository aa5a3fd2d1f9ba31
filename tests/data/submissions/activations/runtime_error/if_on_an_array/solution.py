"""Asks `if` about a whole array, which raises; the other two functions are right."""

import numpy as np


def relu(x):
    if x > 0:
        return x
    return 0


def sigmoid(x):
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def softmax(x):
    powers = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)
