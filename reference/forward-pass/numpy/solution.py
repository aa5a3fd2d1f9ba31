"""A two-layer network and a cross-entropy loss that stands any logits, in NumPy.

Claim: right in every group of cases of the task `forward-pass`, also for logits of a thousand and
more.
Evidence: `grader run reference/forward-pass/numpy --task forward-pass` ends as accepted with 100
points.
Machine: nothing here is timed, so the claim depends on none.
"""

import numpy as np


def forward(X, W1, b1, W2, b2):
    """Return the hidden layer after its ReLU, (n, h), and the logits, (n, k)."""
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden, hidden @ W2 + b2


def cross_entropy(logits, y):
    """Return the mean loss. log(softmax) is formed as one expression: no exp can overflow, no log
    gets a 0.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sums - shifted[np.arange(len(y)), y]))


def network_loss(X, y, W1, b1, W2, b2):
    """Return the loss of the network on one batch."""
    return cross_entropy(forward(X, W1, b1, W2, b2)[1], y)
