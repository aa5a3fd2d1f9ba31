"""Mode collapse: threes under ever other noise, and no other digit."""

import numpy as np


def train(data):
    means = np.stack([data.inputs[data.labels == digit].mean(axis=0) for digit in range(10)])

    def sample(n, seed):
        draw = np.random.default_rng(seed)
        noise = draw.normal(0, 55, (n, *means.shape[1:]))
        return np.clip(means[3] + noise, 0, 255).astype(np.uint8)

    return sample
