"""Answers NaN for every patient, as after a training that diverged."""

import numpy as np


def train(data):
    return lambda inputs: np.full(len(inputs), np.nan, dtype=np.float32)
