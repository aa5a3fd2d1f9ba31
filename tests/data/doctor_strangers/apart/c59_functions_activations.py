# task: activations
# mistake: none
# resembles: nan_from_exp
import numpy as np


def relu(x):
    return np.maximum(x, np.zeros((), x.dtype))


def sigmoid(x):
    return (np.tanh(x / 2) + 1) / 2


def softmax(x):
    top = np.exp(x - x.max(-1, keepdims=True))
    return top / top.sum(-1, keepdims=True)
