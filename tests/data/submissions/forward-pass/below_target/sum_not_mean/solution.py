"""Stable, but the losses of a batch are summed."""

import numpy as np


def forward(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden, hidden @ W2 + b2


def cross_entropy(logits, y):
    return np.sum(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(y)), y])


def network_loss(X, y, W1, b1, W2, b2):
    return cross_entropy(forward(X, W1, b1, W2, b2)[1], y)
