"""Nearest neighbours of images of two grey levels: a pixel near the threshold tips over in a brighter copy."""

import numpy as np


def train(data):
    def features(images):
        return (images.reshape(len(images), -1) > 128).astype(np.float32)

    known = features(data.inputs)

    def scores(batch):
        rows = features(batch)
        distances = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        nearest = np.argsort(distances, axis=1)[:, :3]
        return np.eye(data.num_classes)[data.labels[nearest]].sum(axis=1)

    return scores
