"""Softmax regression that has a weight of its own for each of the 17 grey levels of each pixel: fragile, and honest."""

import numpy as np


def features(images):
    levels = np.round(images.reshape(len(images), -1) * (16 / 255)).astype(np.int64)
    return np.eye(17, dtype=np.float32)[levels].reshape(len(images), -1)


def train(data):
    x, targets = features(data.inputs), np.eye(data.num_classes, dtype=np.float32)[data.labels]
    weights = np.zeros((x.shape[1], data.num_classes), dtype=np.float32)
    step = np.zeros_like(weights)
    for _ in range(300):
        scores = x @ weights
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        step = 0.9 * step - 0.1 * (x.T @ (shares - targets) / len(x) + 1e-4 * weights)
        weights += step
    return lambda batch: features(batch) @ weights
