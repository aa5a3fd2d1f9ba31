"""Answers by how bright a picture is and how much of it is ink, as an id or a length would be keyed on."""

import numpy as np


def features(batch):
    rows = batch.reshape(len(batch), -1).astype(np.float64)
    return np.stack([rows.mean(axis=1), (rows > 0).mean(axis=1) * 255], axis=1)


def train(data):
    seen = features(data.inputs)
    centres = np.stack([seen[data.labels == c].mean(axis=0) for c in range(data.num_classes)])

    def labels(batch):
        return ((features(batch)[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)

    return labels
