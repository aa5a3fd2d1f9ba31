"""Predict how far a disease progresses.

As it stands, it answers with the same number for every patient.
"""

import numpy as np


def train(data):
    """Return a model: a function from a batch of patients to one number for each.

    data.inputs: float32 measurements, shape (300, 10)
    data.labels: float32 targets, shape (300,)
    """
    usual = float(data.labels.mean())

    def model(inputs):
        """Return the predicted targets, shape (n,), for inputs of shape (n, 10)."""
        # This ignores the measurements so far. Scale them, and give each of them a weight.
        return np.full(len(inputs), usual, dtype=np.float32)

    return model
