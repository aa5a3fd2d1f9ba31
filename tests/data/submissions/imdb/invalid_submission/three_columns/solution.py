"""Answers with three scores a review, as if there were a class between the two."""

import numpy as np


def train(data):
    return lambda texts: np.zeros((len(texts), 3), dtype=np.float32)
