"""Gives probabilities of each image by itself, from the distances to its nearest neighbours."""

import numpy as np


def train(data):
    x, labels = data.inputs.reshape(len(data.inputs), -1) / 255.0, data.labels

    def answer(inputs):
        batch = inputs.reshape(len(inputs), -1) / 255.0
        distances = (batch**2).sum(axis=1)[:, None] - 2 * batch @ x.T + (x**2).sum(axis=1)
        nearness = np.exp(-2 * (distances - distances.min(axis=1, keepdims=True)))
        shares = nearness @ np.eye(data.num_classes)[labels]
        return shares / shares.sum(axis=1, keepdims=True)

    return answer
