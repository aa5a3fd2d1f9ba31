"""Cases for `hunt-metrics`: answers that three measures of a classifier get wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group, Wanted, counterexample

Array = np.ndarray
Case = tuple[Any, ...]
LARGEST = 100.0


def accuracy(scores, labels):
    """Return the share of right answers, for scores (n, k) and a column of labels (n, 1)."""
    return (scores.argmax(axis=1) == labels).mean()


def reached_best(scores, labels):
    """Return how often the right class has the best score, for scores (n, k) and labels (n,)."""
    own = scores[np.arange(len(labels)), labels]
    return (own >= scores.max(axis=1)).mean()


def mean_recall(answers, labels):
    """Return the mean share of a class that is found, for answers (n,) and labels (n,)."""
    return np.mean([(answers[labels == c] == c).mean() for c in np.unique(answers)])


def right_accuracy(scores: Array, labels: Array) -> float:
    return float(np.mean(scores.argmax(axis=1) == labels[:, 0]))


def share_of_best(scores: Array, labels: Array) -> float:
    return float(np.mean(scores.argmax(axis=1) == labels))


def right_mean_recall(answers: Array, labels: Array) -> float:
    return float(np.mean([(answers[labels == c] == c).mean() for c in np.unique(labels)]))


def sizes(draw: np.random.Generator) -> Iterator[Case]:
    yield from ((4, 2), (6, 3), (int(draw.integers(8, 20)), int(draw.integers(3, 6))))


def all_right(n: int, k: int) -> tuple[Array, Array]:
    labels = np.arange(n) % k
    return np.eye(k)[labels], labels[:, None]


FUNCTIONS = [
    Function(
        name="breaks_accuracy",
        answer=all_right,
        returns=("scores", "labels"),
        groups=[Group("found", sizes, "four examples and more, two classes and more")],
        judge=counterexample(
            accuracy,
            right_accuracy,
            lambda n, k: [Wanted((n, k), -LARGEST, LARGEST), Wanted((n, 1), 0, k - 1, whole=True)],
            by=0.4,
        ),
    ),
    Function(
        name="breaks_reached_best",
        answer=lambda n, k: (np.zeros((n, k)), np.full(n, k - 1)),
        returns=("scores", "labels"),
        groups=[Group("found", sizes, "four examples and more, two classes and more")],
        judge=counterexample(
            reached_best,
            share_of_best,
            lambda n, k: [Wanted((n, k), -LARGEST, LARGEST), Wanted((n,), 0, k - 1, whole=True)],
            by=0.5,
        ),
    ),
    Function(
        name="breaks_mean_recall",
        answer=lambda n, k: (np.zeros(n, np.int64), np.arange(n) % k),
        returns=("answers", "labels"),
        groups=[Group("found", sizes, "four examples and more, two classes and more")],
        judge=counterexample(
            mean_recall,
            right_mean_recall,
            lambda n, k: [Wanted((n,), 0, k - 1, whole=True), Wanted((n,), 0, k - 1, whole=True)],
            by=0.4,
        ),
    ),
]
