"""Mends the mistake by leaving out the network: nearest neighbours have nothing to draw."""

import numpy as np


def train(data):
    x, labels = data.inputs.reshape(len(data.inputs), -1).astype(np.float64), data.labels

    def answer(inputs):
        batch = inputs.reshape(len(inputs), -1).astype(np.float64)
        distances = (batch**2).sum(axis=1)[:, None] - 2 * batch @ x.T + (x**2).sum(axis=1)
        return labels[distances.argmin(axis=1)]

    return answer
