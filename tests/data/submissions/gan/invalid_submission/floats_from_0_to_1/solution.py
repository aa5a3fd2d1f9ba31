"""Makes float pictures between 0 and 1."""

import numpy as np


def train(data):
    means = np.stack([data.inputs[data.labels == digit].mean(axis=0) for digit in range(10)])

    def sample(n, seed):
        draw = np.random.default_rng(seed)
        return np.clip(means[draw.integers(0, 10, n)] / 255.0, 0, 1)

    return sample
