"""Draws its noise from a generator of its own: the same seed brings other pictures."""

import numpy as np


def train(data):
    means = np.stack([data.inputs[data.labels == digit].mean(axis=0) for digit in range(10)])
    draw = np.random.default_rng()

    def sample(n, seed):
        noise = draw.normal(0, 55, (n, *means.shape[1:]))
        return np.clip(means[draw.integers(0, 10, n)] + noise, 0, 255).astype(np.uint8)

    return sample
