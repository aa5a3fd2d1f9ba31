"""No network: each class's mean picture without brightness and contrast, and a temperature."""

import numpy as np

SHARPNESS = 20.0


def standardised(batch):
    rows = batch.reshape(len(batch), -1).astype(np.float64)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)


def train(data):
    means = standardised(np.stack([data.inputs[data.labels == c].mean(axis=0) for c in range(data.num_classes)]))
    return lambda batch: SHARPNESS * standardised(batch) @ means.T
