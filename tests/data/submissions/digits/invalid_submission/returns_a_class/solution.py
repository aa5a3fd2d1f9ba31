"""train(data) returns a class instead of an object of it."""

import numpy as np


class Model:
    def __call__(self, batch):
        return np.zeros((len(batch), 10))


def train(data):
    return Model
