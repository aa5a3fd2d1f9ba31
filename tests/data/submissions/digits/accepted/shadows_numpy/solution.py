"""Beside it lies a numpy.py that must never be imported in the place of NumPy."""

import numpy as np


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    labels, classes = data.labels, data.num_classes

    def scores(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        distances = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        nearest = np.argsort(distances, axis=1)[:, :3]
        return np.eye(classes, dtype=np.float32)[labels[nearest]].sum(axis=1)

    return scores
