"""Cases and right answers for `hunt-growing-steps`: each step comes from its own batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]
Answer = tuple[Array, float, Array]


def descend(
    clear_in: str = "every step", moves: bool = True, half: bool = False
) -> Callable[..., Answer]:
    """Return the training loop, as it should be or with something changed."""

    def train(X: Array, y: Array, w: Array, b: float, lr: float, size: int, epochs: int) -> Answer:
        w, b = w.astype(np.float64), float(b)
        losses = []
        for _ in range(epochs):
            dw, db = np.zeros_like(w), 0.0
            for start in range(0, len(y), size):
                part, error = (
                    X[start : start + size],
                    X[start : start + size] @ w + b - y[start : start + size],
                )
                kept = clear_in == "every epoch"
                new_dw, new_db = 2 * part.T @ error / len(error), 2 * float(error.mean())
                dw, db = (dw + new_dw, db + new_db) if kept else (new_dw, new_db)
                if moves:
                    w, b = w - lr * dw, b - lr * (db if not half else 0.0)
            losses.append(float(np.mean((X @ w + b - y) ** 2)))
        return w, b, np.array(losses)

    return train


def line(draw: np.random.Generator, n: int, d: int) -> tuple[Array, Array, Array, float]:
    X = draw.normal(size=(n, d))
    return X, X @ draw.normal(size=d) + draw.normal(), draw.normal(size=d), float(draw.normal())


def one_step(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0], [2.0]]), np.array([3.0, 5.0]), np.array([0.0]), 0.0, 0.1, 2, 1
    for n, d in ((3, 2), (6, 4)):
        yield *line(draw, n, d), 0.1, n, 1


def one_epoch(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0], [2.0]]), np.array([3.0, 5.0]), np.array([0.0]), 0.0, 0.1, 1, 1
    for n, d, size in ((6, 2, 2), (10, 3, 4)):
        yield *line(draw, n, d), 0.05, size, 1


def epochs(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0], [2.0]]), np.array([3.0, 5.0]), np.array([0.0]), 0.0, 0.1, 2, 2
    for n, d, size, rounds in ((5, 2, 5, 3), (12, 3, 4, 5)):
        yield *line(draw, n, d), 0.05, size, rounds


FUNCTIONS = [
    Function(
        name="train",
        answer=descend(),
        returns=("w", "b", "losses"),
        axes=("n d", "n", "d", "", "", "", ""),
        groups=[
            Group("one_step", one_step, "one batch, once"),
            Group("one_epoch", one_epoch, "several batches, once"),
            Group("epochs", epochs, "two to five rounds"),
        ],
        mistakes={
            "the gradients are cleared once an epoch, so that they still grow within it": descend(
                "every epoch"
            ),
            "the gradients are cleared between backward() and step(), so that nothing moves": (
                descend(moves=False)
            ),
            "the gradient of the weights is cleared in time, and the bias no longer moves": descend(
                half=True
            ),
        },
    ),
]
