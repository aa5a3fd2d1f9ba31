"""Divides each pixel by its spread over the training set: pixels that are nearly always black count a hundredfold."""

import numpy as np


def train(data):
    x = data.inputs.reshape(len(data.inputs), -1).astype(np.float64)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1

    def standardised(images):
        return (images.reshape(len(images), -1) - mean) / spread

    known = standardised(data.inputs)

    def labels(batch):
        distances = ((standardised(batch)[:, None] - known[None]) ** 2).sum(axis=2)
        return data.labels[distances.argmin(axis=1)]

    return labels
