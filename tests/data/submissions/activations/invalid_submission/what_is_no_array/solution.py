"""Returns what has no place on the wire: objects, dates, records, complex and endless numbers, iterators."""

import numpy as np


def relu(x):
    return np.full(x.shape, 1 + 2j) if x.ndim == 1 else 10**4000


def sigmoid(x):
    return np.zeros(x.shape, dtype=[("a", "f8")]) if x.ndim == 1 else iter([7.0])


def softmax(x):
    return np.full(x.shape, "2026-01-01", dtype="datetime64[D]")
