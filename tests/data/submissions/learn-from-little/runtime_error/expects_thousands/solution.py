"""Sets 5,000 digits aside to watch its accuracy, of 100, and finds that nothing is left to train on."""

import numpy as np

HELD_OUT = 5000


def train(data):
    rows, labels = data.inputs[HELD_OUT:].reshape(-1, 784) / 255.0, data.labels[HELD_OUT:]
    best = np.bincount(labels).argmax()
    return lambda batch: np.full(len(batch), best) + 0 * rows.shape[0]
