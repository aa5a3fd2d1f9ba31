"""Learns to tell 0 from 1, and answers nothing else."""

import numpy as np


def train(data):
    kept = data.labels < 2
    rows = data.inputs[kept].reshape(kept.sum(), -1) / 255.0
    weights = np.linalg.solve(rows.T @ rows + np.eye(rows.shape[1]), rows.T @ np.eye(10)[data.labels[kept]])
    return lambda batch: batch.reshape(len(batch), -1) / 255.0 @ weights
