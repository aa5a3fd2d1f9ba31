"""Answers with whole-number labels instead of scores."""

import numpy as np


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)

    def labels(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        distances = ((rows[:, None] - known[None]) ** 2).sum(axis=2)
        return data.labels[distances.argmin(axis=1)]

    return labels
