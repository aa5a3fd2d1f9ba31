"""Answers the mean of the training targets, whoever is asked about."""

import numpy as np


def train(data):
    return lambda inputs: np.full(len(inputs), data.labels.mean())
