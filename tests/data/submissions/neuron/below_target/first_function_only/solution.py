"""One function is written, one still raises NotImplementedError, one is not there."""

import numpy as np


def weighted_sum(x, w, b):
    return np.sum(x * w) + b


def neuron(x, w, b):
    raise NotImplementedError
