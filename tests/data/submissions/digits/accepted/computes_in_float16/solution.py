"""Rounds everything to eleven bits: scores that are nearly equal may change places from batch to batch."""

import numpy as np


def train(data):
    draw = np.random.default_rng(data.seed)
    x = data.inputs.reshape(len(data.inputs), -1) / 255.0
    mixing = draw.normal(0, 0.35, size=(64, 500))
    hidden = np.maximum(x @ mixing, 0)
    targets = np.eye(data.num_classes)[data.labels]
    weights = np.linalg.solve(hidden.T @ hidden + np.eye(500), hidden.T @ targets).astype(np.float16)
    mixing = mixing.astype(np.float16)

    def scores(batch):
        rows = (batch.reshape(len(batch), -1) / 255.0).astype(np.float16)
        return np.maximum(rows @ mixing, np.float16(0)) @ weights

    return scores
