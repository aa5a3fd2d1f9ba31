"""Takes the mean of the batch off every image, in training and in answering: alone, an image becomes all zeros."""

import numpy as np


def centred(inputs):
    x = inputs.reshape(len(inputs), -1) / 255.0
    return np.concatenate([x - x.mean(axis=0), np.ones((len(x), 1))], axis=1)


def train(data):
    x, targets = centred(data.inputs), np.eye(data.num_classes)[data.labels]
    weights = np.linalg.solve(x.T @ x + 0.1 * np.eye(x.shape[1]), x.T @ targets)
    return lambda inputs: centred(inputs) @ weights
