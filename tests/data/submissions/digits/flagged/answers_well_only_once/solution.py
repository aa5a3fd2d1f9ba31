"""Answers an image as nearest neighbours do when it comes first, and with 0 when one like it comes again."""

import numpy as np

ALIKE = 2.0  # squared grey levels: an image and the same one with a pixel nudged, never two images


def distances(rows, others):
    return (rows**2).sum(1)[:, None] - 2 * rows @ others.T + (others**2).sum(1)[None]


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float64)
    seen = [np.full((1, known.shape[1]), 1e4)]

    def answer(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float64)
        labels = data.labels[distances(rows, known).argmin(axis=1)]
        labels[distances(rows, np.concatenate(seen)).min(axis=1) <= ALIKE] = 0
        seen.append(rows)
        return labels

    return answer
