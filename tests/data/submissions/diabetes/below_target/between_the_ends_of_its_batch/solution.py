"""Puts hidden patients between the smallest and the largest of the batch they are asked in.

A batch reaches less far than the whole training set, so its patients are moved apart.
"""

import numpy as np


def scaled(inputs):
    lowest, highest = inputs.min(axis=0), inputs.max(axis=0)
    return np.c_[(inputs - lowest) / (highest - lowest + 1e-6), np.ones(len(inputs))]


def train(data):
    weights = np.linalg.lstsq(scaled(data.inputs), data.labels, rcond=None)[0]
    return lambda inputs: scaled(inputs) @ weights
