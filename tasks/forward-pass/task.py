"""Cases and right answers for `forward-pass`: a two-layer network and its cross-entropy loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def forward(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    hidden = np.maximum(X @ W1 + b1, 0.0)
    return hidden, hidden @ W2 + b2


def log_softmax(logits: Array) -> Array:
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def of_class(values: Array, y: Array) -> Array:
    return values[np.arange(len(y)), y]


def cross_entropy(logits: Array, y: Array) -> float:
    return float(-of_class(log_softmax(logits), y).mean())


def network_loss(X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> float:
    return cross_entropy(forward(X, W1, b1, W2, b2)[1], y)


def plain_cross_entropy(logits: Array, y: Array) -> Any:
    powers = np.exp(logits)
    return -np.log(of_class(powers / powers.sum(axis=1, keepdims=True), y)).mean()


def network(draw: np.random.Generator, n: int, d: int, h: int, k: int) -> Case:
    """Return X, W1, b1, W2, b2, with logits of a few units.

    Every bias is away from 0, so that leaving it out shows.
    """
    return (
        draw.normal(size=(n, d)),
        draw.normal(size=(d, h)) / np.sqrt(d),
        draw.uniform(0.3, 1.0, size=h) * draw.choice([-1.0, 1.0], size=h),
        draw.normal(size=(h, k)) / np.sqrt(h),
        draw.uniform(0.3, 1.0, size=k) * draw.choice([-1.0, 1.0], size=k),
    )


def small_network() -> Case:
    X = np.array([[1.0, 2.0], [-1.0, 0.0], [3.0, 1.0], [0.0, -1.0]])
    W1, b1 = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]), np.array([0.0, 0.5, 1.0])
    W2, b2 = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), np.array([1.0, -0.5])
    return X, W1, b1, W2, b2


def networks(draw: np.random.Generator) -> Iterator[Case]:
    yield small_network()
    for n, d, h, k in ((5, 2, 4, 3), (4, 3, 5, 2), (6, 5, 7, 4), (16, 10, 12, 5)):
        yield network(draw, n, d, h, k)


def thin_networks(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, h, k in ((2, 1, 3, 1), (3, 2, 1, 4), (1, 2, 3, 2), (1, 5, 4, 3)):
        yield network(draw, n, d, h, k)


def scored(draw: np.random.Generator, n: int, k: int, scale: float) -> Case:
    return draw.normal(scale=scale, size=(n, k)), draw.integers(0, k, size=n)


def ordinary_logits(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[2.0, 1.0, 0.0], [1.0, 0.0, 3.0]]), np.array([0, 1])
    for n, k in ((3, 2), (2, 5), (5, 3), (8, 10)):
        yield scored(draw, n, k, 2.0)


def extreme_logits(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1000.0, 0.0]]), np.array([1])
    yield np.array([[-1000.0, -1001.0, -999.5]]), np.array([0])
    yield np.array([[1000.0, 998.0, 999.0], [-1000.0, -998.0, -999.0]]), np.array([2, 1])
    for n, k in ((3, 4), (6, 5)):
        yield scored(draw, n, k, 600.0)


def labelled(case: Case, draw: np.random.Generator) -> Case:
    X, *parameters = case
    return X, draw.integers(0, len(parameters[-1]), size=len(X)), *parameters


def labelled_networks(draw: np.random.Generator) -> Iterator[Case]:
    for case in networks(draw):
        yield labelled(case, draw)


def networks_far_out(draw: np.random.Generator) -> Iterator[Case]:
    """Yield networks on inputs that were never scaled down, such as pixels from 0 to 255.

    The logits reach hundreds. Every second example belongs to its least likely class, whose
    probability a softmax would round to 0.
    """
    for n, d, h, k in ((2, 2, 5, 3), (3, 4, 6, 3), (5, 6, 8, 4)):
        X, *parameters = network(draw, n, d, h, k)
        X = draw.integers(0, 256, size=X.shape) * 10.0
        X, y, *_ = labelled((X, *parameters), draw)
        y[::2] = forward(X, *parameters)[1][::2].argmin(axis=1)
        yield X, y, *parameters


def loss_without(relu: bool = True, bias: bool = True) -> Any:
    def wrong(X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> float:
        hidden = X @ W1 + b1 * bias
        return cross_entropy((np.maximum(hidden, 0) if relu else hidden) @ W2 + b2 * bias, y)

    return wrong


FUNCTIONS = [
    Function(
        name="forward",
        answer=forward,
        returns=("hidden", "logits"),
        axes=("n d", "d h", "h", "h k", "k"),
        groups=[
            Group("typical", networks, "a few examples, two to twelve units a layer"),
            Group("thin", thin_networks, "one example, one input, one hidden unit or one output"),
        ],
        mistakes={
            "the ReLU was left out": lambda X, W1, b1, W2, b2: (
                X @ W1 + b1,
                (X @ W1 + b1) @ W2 + b2,
            ),
            "both biases were left out": lambda X, W1, b1, W2, b2: forward(
                X, W1, 0 * b1, W2, 0 * b2
            ),
            "the first bias was left out": lambda X, W1, b1, W2, b2: forward(X, W1, 0 * b1, W2, b2),
            "the second bias was left out": lambda X, W1, b1, W2, b2: forward(
                X, W1, b1, W2, 0 * b2
            ),
            "the first bias was added after the ReLU": lambda X, W1, b1, W2, b2: (
                np.maximum(X @ W1, 0) + b1,
                (np.maximum(X @ W1, 0) + b1) @ W2 + b2,
            ),
            "`hidden` was returned as it is before the ReLU": lambda X, W1, b1, W2, b2: (
                X @ W1 + b1,
                forward(X, W1, b1, W2, b2)[1],
            ),
            "the logits went through a ReLU as well": lambda X, W1, b1, W2, b2: (
                forward(X, W1, b1, W2, b2)[0],
                np.maximum(forward(X, W1, b1, W2, b2)[1], 0),
            ),
            "the logits went through the softmax already": lambda X, W1, b1, W2, b2: (
                forward(X, W1, b1, W2, b2)[0],
                np.exp(log_softmax(forward(X, W1, b1, W2, b2)[1])),
            ),
            "the two results were returned in the wrong order": lambda *arguments: forward(
                *arguments
            )[::-1],
        },
    ),
    Function(
        name="cross_entropy",
        answer=cross_entropy,
        axes=("n k", "n"),
        groups=[
            Group("typical", ordinary_logits, "logits of a few units"),
            Group(
                "extreme", extreme_logits, "logits up to 1000 and beyond: no overflow, no log of 0"
            ),
        ],
        mistakes={
            "log(p + 1e-12) cuts off the loss of very unlikely classes": lambda logits, y: (
                -np.log(of_class(np.exp(log_softmax(logits)), y) + 1e-12).mean()
            ),
            "the losses were summed over the batch, not averaged": lambda logits, y: (
                cross_entropy(logits, y) * len(y)
            ),
            "the sum was divided by the number of classes as well": lambda logits, y: (
                cross_entropy(logits, y) / logits.shape[1]
            ),
            "the minus sign is missing": lambda logits, y: -cross_entropy(logits, y),
            "one loss for each example was returned, not their mean": lambda logits, y: (
                -of_class(log_softmax(logits), y)
            ),
            "the class with the largest logit was used, not the class in y": lambda logits, y: (
                cross_entropy(logits, logits.argmax(axis=1))
            ),
            "the logarithm was left out": lambda logits, y: (
                -of_class(np.exp(log_softmax(logits)), y).mean()
            ),
            "the logarithm has base 2, not e": lambda logits, y: (
                cross_entropy(logits, y) / np.log(2)
            ),
            "the softmax was applied twice": lambda logits, y: cross_entropy(
                np.exp(log_softmax(logits)), y
            ),
            "the softmax runs over the examples, not over the classes": lambda logits, y: (
                -of_class(log_softmax(logits.T).T, y).mean()
            ),
            "exp overflows or log gets a 0: the softmax was computed first": plain_cross_entropy,
        },
    ),
    Function(
        name="network_loss",
        answer=network_loss,
        axes=("n d", "n", "d h", "h", "h k", "k"),
        groups=[
            Group(
                "typical",
                labelled_networks,
                "the networks of forward, with a class for each example",
            ),
            Group(
                "extreme",
                networks_far_out,
                "inputs of up to 2550, so that the logits reach hundreds",
            ),
        ],
        mistakes={
            "the ReLU was left out": loss_without(relu=False),
            "the biases were left out": loss_without(bias=False),
            "the losses were summed over the batch, not averaged": lambda X, y, *rest: (
                network_loss(X, y, *rest) * len(y)
            ),
            "the minus sign is missing": lambda X, y, *rest: -network_loss(X, y, *rest),
            "exp overflows or log gets a 0: the softmax was computed first": (
                lambda X, y, W1, b1, W2, b2: plain_cross_entropy(forward(X, W1, b1, W2, b2)[1], y)
            ),
        },
    ),
]
