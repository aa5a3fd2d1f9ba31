"""Scores that are finite as float64 and infinite as float32."""

import numpy as np


def train(data):
    return lambda batch: np.full((len(batch), 10), 1e300)
