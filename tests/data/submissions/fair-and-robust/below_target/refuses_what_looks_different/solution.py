"""Answers only what looks like its training pictures: right on clean ones, and of no use on any other day."""

import numpy as np

SHARPNESS = 0.05


def roughness(batch):
    return np.abs(np.diff(batch.astype(np.float64), axis=2)).mean(axis=(1, 2))


def distances(batch, means):
    rows = batch.reshape(len(batch), -1).astype(np.float64)
    return ((rows[:, None] - means[None]) ** 2).mean(axis=2)


def train(data):
    means = np.stack([data.inputs[data.labels == c].mean(axis=0).ravel() for c in range(data.num_classes)])
    usual = np.percentile(roughness(data.inputs), [1, 99]) * (0.85, 1.15)
    farthest = 1.35 * np.percentile(distances(data.inputs, means).min(axis=1), 99)

    def scores(batch):
        rough, far = roughness(batch), distances(batch, means)
        known = (rough > usual[0]) & (rough < usual[1]) & (far.min(axis=1) < farthest)
        return np.where(known[:, None], -SHARPNESS * far, 0)

    return scores
