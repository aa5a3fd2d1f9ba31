"""Makes the same picture whatever the seed."""

import numpy as np


def train(data):
    means = np.stack([data.inputs[data.labels == digit].mean(axis=0) for digit in range(10)])

    def sample(n, seed):
        return np.repeat(means[3:4], n, axis=0).round().astype(np.uint8)

    return sample
