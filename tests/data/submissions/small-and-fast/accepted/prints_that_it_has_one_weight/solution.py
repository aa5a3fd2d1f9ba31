"""Claims to have one weight, in print and by lying about its size; that claim is worth nothing, its answers count."""

import numpy as np


class Modest:
    """A nearest mean with 30,720 numbers that says it has one."""

    def __init__(self, means):
        self.means = means

    def __call__(self, batch):
        rows = batch.reshape(len(batch), -1) / 255.0
        return 2 * rows @ self.means.T - (self.means**2).sum(axis=1)

    def __len__(self):
        return 1

    def parameters(self):
        return iter([np.zeros(1)])


def train(data):
    print("1 weight")
    rows = data.inputs.reshape(len(data.inputs), -1) / 255.0
    return Modest(np.stack([rows[data.labels == label].mean(axis=0) for label in range(data.num_classes)]))
