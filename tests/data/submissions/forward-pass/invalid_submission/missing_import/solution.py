"""Imports a package that does not exist."""

import numpy_for_networks as np


def forward(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden, hidden @ W2 + b2
