"""Scores that are not numbers, as after a training that diverged."""

import numpy as np


def train(data):
    return lambda batch: np.full((len(batch), 10), np.nan, dtype=np.float32)
