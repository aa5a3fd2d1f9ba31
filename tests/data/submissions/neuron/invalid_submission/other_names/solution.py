"""Right code under names nobody asks for."""

import numpy as np


def weightedSum(x, w, b):
    return np.dot(w, x) + b


def Neuron(x, w, b):
    return 1 / (1 + np.exp(-weightedSum(x, w, b)))
