"""An array of Python objects."""

import numpy as np


def train(data):
    return lambda batch: np.array([{"three": 1}] * len(batch), dtype=object)
