"""The model is an object that can be called, and answers in float64."""

import numpy as np


class Nearest:
    def __init__(self, inputs, labels, classes):
        self.inputs = inputs.reshape(len(inputs), -1).astype(np.float64)
        self.one_hot = np.eye(classes)[labels]

    def __call__(self, batch):
        rows = batch.reshape(len(batch), -1).astype(np.float64)
        return self.one_hot[((rows[:, None] - self.inputs[None]) ** 2).sum(axis=2).argmin(axis=1)]


def train(data):
    return Nearest(data.inputs, data.labels, data.num_classes)
