"""The bias is turned into a column, so that the sides do not fit."""

import numpy as np


def forward(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1.reshape(-1, 1), 0)
    return hidden, hidden @ W2 + b2.reshape(-1, 1)


def cross_entropy(logits, y):
    return np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(y)), y])


def network_loss(X, y, W1, b1, W2, b2):
    return cross_entropy(forward(X, W1, b1, W2, b2)[1], y)
