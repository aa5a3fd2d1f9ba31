"""Test-time augmentation: each image is answered five times, moved by a pixel, and the scores are averaged."""

import numpy as np

MOVES = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))


def features(images):
    return images.reshape(len(images), -1).astype(np.float64) / 255


def train(data):
    draw = np.random.default_rng(data.seed)
    moved = np.concatenate([np.roll(data.inputs, move, axis=(1, 2)) for move in MOVES])
    targets = np.tile(np.eye(data.num_classes)[data.labels], (len(MOVES), 1))
    mixing = draw.normal(0, 0.35, size=(64, 700))
    offset = draw.uniform(-1, 1, size=700)

    def hidden(images):
        return np.maximum(features(images) @ mixing + offset, 0)

    x = hidden(moved)
    weights = np.linalg.solve(x.T @ x + 1.0 * np.eye(x.shape[1]), x.T @ targets)

    def scores(batch):
        return np.mean([hidden(np.roll(batch, move, axis=(1, 2))) @ weights for move in MOVES], axis=0)

    return scores
