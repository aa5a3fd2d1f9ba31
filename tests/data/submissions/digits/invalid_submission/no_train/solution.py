"""Defines something else than train(data)."""

import numpy as np


def fit(data):
    return lambda batch: np.zeros((len(batch), 10))
