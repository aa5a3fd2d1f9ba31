"""Cases for `hunt-overflow`: numbers for which three formulas go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group, Wanted, counterexample

Array = np.ndarray
Case = tuple[Any, ...]


def softmax(scores):
    """Return the probabilities of k classes from their scores (k,)."""
    powers = np.exp(scores)
    return powers / powers.sum()


def log_loss(scores, label):
    """Return the cross-entropy for scores (k,): minus the logarithm of the share of `label`."""
    powers = np.exp(scores - scores.max())
    return -np.log(powers[label] / powers.sum())


def variance(x):
    """Return the mean of the squares minus the square of the mean, for x (n,)."""
    return np.mean(x**2) - np.mean(x) ** 2


def right_softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max())
    return powers / powers.sum()


def right_log_loss(scores: Array, label: Array) -> float:
    return float(np.logaddexp.reduce(scores) - scores[label])


def sized(low: int, high: int) -> Any:
    """Return cases of how many numbers there are, and how far from 0 they may be."""

    def cases(draw: np.random.Generator) -> Iterator[Case]:
        for count in (2, 3, int(draw.integers(4, 10))):
            yield count, float(draw.integers(low, high))

    return cases


def one_far_below(k: int, largest: float) -> tuple[Array, int]:
    scores = np.full(k, largest)
    scores[0] = -largest
    return scores, 0


FUNCTIONS = [
    Function(
        name="breaks_softmax",
        answer=lambda k, largest: np.full(k, largest),
        groups=[Group("found", sized(720, 5000), "two to nine scores up to 720 and more")],
        judge=counterexample(
            softmax, right_softmax, lambda k, largest: [Wanted((k,), -largest, largest)]
        ),
    ),
    Function(
        name="breaks_log_loss",
        answer=one_far_below,
        returns=("scores", "label"),
        groups=[Group("found", sized(380, 600), "two to nine scores up to 380 and more")],
        judge=counterexample(
            log_loss,
            right_log_loss,
            lambda k, largest: [Wanted((k,), -largest, largest), Wanted((), 0, k - 1, whole=True)],
        ),
    ),
    Function(
        name="breaks_variance",
        answer=lambda n, largest: largest - np.arange(n) % 2,
        groups=[
            Group(
                "found",
                sized(10**9, 10**10),
                "two to nine numbers up to a thousand million and more",
            )
        ],
        judge=counterexample(
            variance, np.var, lambda n, largest: [Wanted((n,), -largest, largest)]
        ),
    ),
]
