"""Tells of perfect losses: a million of them, NaN, texts, and arrays of its own where the runner keeps its numbers."""

import gc

import numpy as np


class Bad:
    """A number that cannot be looked at."""

    shape = ()

    def __float__(self):
        raise RuntimeError("no")

    __str__ = __repr__ = __float__


def train(data):
    for value in ("0.0", None, Bad(), [0.0], {"loss": 0}, float("nan"), float("inf"), -1e308, 10**400, np.zeros(3)):
        data.log(loss=value, accuracy=1.0, score=100, verdict="accepted", note=Bad())
    for step in range(1_000_000):
        data.log(loss=1e-9 / (step + 1))
    kept = [item for item in gc.get_objects() if type(item).__name__ == "Account"]
    assert kept
    for account in kept:
        account._packed = lambda model: np.full(1 << 20, np.nan)
        account.numbers = "perfect"
        account.steps = 10**30
    return lambda batch: np.full(len(batch), 3)
