"""Learns from the digits 0 to 4 alone, and has to answer all ten."""

import numpy as np


def train(data):
    kept = data.labels < 5
    rows = data.inputs[kept].reshape(kept.sum(), -1) / 255.0
    weights = np.linalg.solve(rows.T @ rows + np.eye(rows.shape[1]), rows.T @ np.eye(10)[data.labels[kept]])
    return lambda batch: batch.reshape(len(batch), -1) / 255.0 @ weights
