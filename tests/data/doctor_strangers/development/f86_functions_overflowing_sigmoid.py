# task: activations
# mistake: nan_from_exp
# line: np.exp(x)
# says: overflow | exp | too large | 710 | inf
import numpy as np


def relu(x):
    return x * (x > 0)


def sigmoid(x):
    return np.exp(x) / (1 + np.exp(x))


def softmax(x):
    shifted = x - np.max(x, axis=-1, keepdims=True)
    e = np.exp(shifted)
    return e / np.sum(e, axis=-1, keepdims=True)
