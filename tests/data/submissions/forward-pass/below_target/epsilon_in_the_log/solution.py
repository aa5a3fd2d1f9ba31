"""A stable softmax, and then log(p + 1e-12), which is wrong for unlikely classes."""

import numpy as np


def forward(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden, hidden @ W2 + b2


def cross_entropy(logits, y):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return -np.mean(np.log(probabilities[np.arange(len(y)), y] + 1e-12))


def network_loss(X, y, W1, b1, W2, b2):
    return cross_entropy(forward(X, W1, b1, W2, b2)[1], y)
