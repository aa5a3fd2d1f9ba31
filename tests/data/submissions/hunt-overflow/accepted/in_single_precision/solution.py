"""Answers in float32 and with NumPy's own whole number for the label."""

import numpy as np


def breaks_softmax(k, largest):
    return np.full(k, 720, dtype=np.float32)


def breaks_log_loss(k, largest):
    return np.where(np.arange(k) == k - 1, -380, 380).astype(np.float32), np.int32(k - 1)


def breaks_variance(n, largest):
    x = np.full(n, 1e9)
    x[0] -= 1
    return x
