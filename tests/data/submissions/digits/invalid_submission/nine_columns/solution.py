"""Scores for nine classes where there are ten."""

import numpy as np


def train(data):
    return lambda batch: np.zeros((len(batch), 9), dtype=np.float32)
