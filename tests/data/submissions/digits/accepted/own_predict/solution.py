"""The model is a dictionary of arrays; predict(model, inputs) says how a batch is answered."""

import numpy as np


def features(inputs):
    return inputs.reshape(len(inputs), -1).astype(np.float64) / 255


def train(data):
    x, targets = features(data.inputs), np.eye(data.num_classes)[data.labels]
    centres = x[:: max(1, len(x) // 300)]
    hidden = kernel(x, centres)
    weights = np.linalg.solve(hidden.T @ hidden + 1e-3 * np.eye(len(centres)), hidden.T @ targets)
    return {"centres": centres, "weights": weights}


def kernel(x, centres):
    return np.exp(-((x[:, None] - centres[None]) ** 2).sum(axis=2) / 8)


def predict(model, inputs):
    return kernel(features(inputs), model["centres"]) @ model["weights"]
