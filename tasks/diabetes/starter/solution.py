"""Foretell how far a disease goes. As it stands it answers the same number for every patient."""

import numpy as np


def train(data):
    """Return a model: a function from a batch of patients to one number for each.

    data.inputs: float32 measurements, shape (300, 10)
    data.labels: float32 targets, shape (300,)
    """
    usual = float(data.labels.mean())

    def model(inputs):
        """Return the foretold targets, shape (n,), of inputs, shape (n, 10)."""
        # The measurements are not looked at yet. Scale them, and give each a weight.
        return np.full(len(inputs), usual, dtype=np.float32)

    return model
