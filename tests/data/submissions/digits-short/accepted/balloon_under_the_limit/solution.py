"""Holds almost all the memory it may, from training to the last answer; it is measured and may."""

import numpy as np

BALLOON_MIB = 440


def train(data):
    balloon = bytearray(BALLOON_MIB << 20)
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    labels, classes = data.labels, data.num_classes

    def scores(batch):
        assert len(balloon) == BALLOON_MIB << 20
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        distances = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        nearest = np.argsort(distances, axis=1)[:, :3]
        return np.eye(classes, dtype=np.float32)[labels[nearest]].sum(axis=1)

    return scores
