"""Least squares in one line, answered as a column."""

import numpy as np


def train(data):
    x = np.c_[data.inputs, np.ones(len(data.inputs))]
    weights = np.linalg.lstsq(x, data.labels[:, None], rcond=None)[0]
    return lambda inputs: np.c_[inputs, np.ones(len(inputs))] @ weights
