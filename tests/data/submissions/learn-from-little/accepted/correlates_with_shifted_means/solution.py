"""No network: the mean of each digit, and the best match among small shifts of the picture."""

import numpy as np

SHIFTS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]


def standardised(rows):
    rows = rows.reshape(len(rows), -1).astype(np.float64)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)


def train(data):
    assert len(data.inputs) == 100
    means = standardised(np.stack([data.inputs[data.labels == digit].mean(axis=0) for digit in range(10)]))

    def scores(batch):
        moved = [standardised(np.roll(batch, shift, axis=(1, 2))) @ means.T for shift in SHIFTS]
        return np.max(moved, axis=0)

    return scores
