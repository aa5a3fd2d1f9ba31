"""Labels as floating-point numbers."""

import numpy as np


def train(data):
    return lambda batch: np.full(len(batch), 3.0)
