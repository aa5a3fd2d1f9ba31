"""Compares each picture with the mean picture of two classes, and never answers another one."""

import numpy as np


def train(data):
    rows = data.inputs.reshape(len(data.inputs), -1) / 255.0
    means = np.stack([rows[data.labels == label].mean(axis=0) for label in (0, 1)])

    def predict(images):
        flat = images.reshape(len(images), -1) / 255.0
        far = ((flat[:, None, :] - means[None]) ** 2).sum(axis=2)
        return far.argmin(axis=1)

    return predict
