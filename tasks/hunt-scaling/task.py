"""Cases for `hunt-scaling`: tables for which three lines of data preparation go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group, Wanted, counterexample

Array = np.ndarray
Case = tuple[Any, ...]
LARGEST = 100.0


def standardize(X):
    """Return each column of X (n, d) with mean 0 and standard deviation 1."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


def to_range(train, test):
    """Return train (n, d), each column scaled to 0 to 1; test (m, d) will be scaled like it."""
    rows = np.concatenate([train, test])
    low, high = rows.min(axis=0), rows.max(axis=0)
    return (train - low) / (high - low)


def mean_of_batches(losses):
    """Return the mean of losses (n,), one per example, batch by batch as training sees them."""
    batches = [losses[start : start + 8] for start in range(0, len(losses), 8)]
    return np.mean([batch.mean() for batch in batches])


def rightly_standardized(X: Array) -> Array:
    spread = X.std(axis=0)
    scaled: Array = (X - X.mean(axis=0)) / np.where(np.ptp(X, axis=0) > 0, spread, 1.0)
    return scaled


def range_of_train(train: Array, test: Array) -> Array:
    low, high = train.min(axis=0), train.max(axis=0)
    scaled: Array = (train - low) / (high - low)
    return scaled


def tables(draw: np.random.Generator) -> Iterator[Case]:
    yield from ((2, 1), (4, 2), (int(draw.integers(6, 12)), 3))


def two_tables(draw: np.random.Generator) -> Iterator[Case]:
    yield from ((2, 1, 1), (4, 2, 2), (int(draw.integers(6, 12)), 3, 3))


def uneven(draw: np.random.Generator) -> Iterator[Case]:
    for n in (9, 11, 8 * int(draw.integers(2, 5)) + 1):
        yield (n,)


def two_ends(n: int, m: int, d: int) -> tuple[Array, Array]:
    train = np.zeros((n, d))
    train[-1] = 1.0
    return train, np.full((m, d), LARGEST)


def all_in_the_last(n: int) -> Array:
    losses = np.zeros(n)
    losses[8 * ((n - 1) // 8) :] = LARGEST
    return losses


FUNCTIONS = [
    Function(
        name="breaks_standardize",
        answer=lambda n, d: np.full((n, d), 3.0),
        groups=[Group("found", tables, "tables of two to eleven rows")],
        judge=counterexample(
            standardize, rightly_standardized, lambda n, d: [Wanted((n, d), -LARGEST, LARGEST)]
        ),
    ),
    Function(
        name="breaks_range",
        answer=two_ends,
        returns=("train", "test"),
        groups=[
            Group("found", two_tables, "two to eleven rows to train on, one to three to test with")
        ],
        judge=counterexample(
            to_range,
            range_of_train,
            lambda n, m, d: [Wanted((n, d), -LARGEST, LARGEST), Wanted((m, d), -LARGEST, LARGEST)],
            by=0.5,
        ),
    ),
    Function(
        name="breaks_mean_of_batches",
        answer=all_in_the_last,
        groups=[Group("found", uneven, "nine examples and more")],
        judge=counterexample(
            mean_of_batches, np.mean, lambda n: [Wanted((n,), 0.0, LARGEST)], by=0.5
        ),
    ),
]
