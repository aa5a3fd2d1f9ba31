"""A row of scores more than there are inputs."""

import numpy as np


def train(data):
    return lambda batch: np.zeros((len(batch) + 1, 10), dtype=np.float32)
