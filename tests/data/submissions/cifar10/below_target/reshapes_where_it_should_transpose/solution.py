"""Moves the channels to the front with reshape while it learns, and with transpose when it is asked."""

import numpy as np


def train(data):
    rows = data.inputs.reshape(-1, 3, 32, 32).reshape(len(data.inputs), -1) / 255.0
    means = np.stack([rows[data.labels == label].mean(axis=0) for label in range(data.num_classes)])

    def scores(batch):
        asked = batch.transpose(0, 3, 1, 2).reshape(len(batch), -1) / 255.0
        return 2 * asked @ means.T - (means**2).sum(axis=1)

    return scores
