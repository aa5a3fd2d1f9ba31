"""A two-layer network and its cross-entropy loss for logits of any size, in NumPy.

Claim: right in every group of cases, also for logits of a thousand and more.
Evidence: `grader run reference/forward-pass/numpy --task forward-pass`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def forward(X, W1, b1, W2, b2):
    """Return the hidden layer after its ReLU, (n, h), and the logits, (n, k)."""
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden, hidden @ W2 + b2


def cross_entropy(logits, y):
    """Return the mean loss.

    log(softmax) is computed as one expression: no exp can overflow, and no log gets a 0.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sums - shifted[np.arange(len(y)), y]))


def network_loss(X, y, W1, b1, W2, b2):
    """Return the loss of the network on one batch."""
    return cross_entropy(forward(X, W1, b1, W2, b2)[1], y)
