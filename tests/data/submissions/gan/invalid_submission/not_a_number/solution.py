"""A training that diverged: every pixel is NaN."""

import numpy as np


def train(data):
    means = np.stack([data.inputs[data.labels == digit].mean(axis=0) for digit in range(10)])

    def sample(n, seed):
        return np.full((n, *means.shape[1:]), np.nan, dtype=np.float32)

    return sample
