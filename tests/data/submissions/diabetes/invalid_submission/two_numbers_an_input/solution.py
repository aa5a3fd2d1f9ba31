"""Answers with a mean and a spread for each patient, where one number is expected."""

import numpy as np


def train(data):
    mean, spread = data.labels.mean(), data.labels.std()
    return lambda inputs: np.tile([mean, spread], (len(inputs), 1))
