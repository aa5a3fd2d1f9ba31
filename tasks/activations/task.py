"""Cases and right answers for `activations`: also far from zero, and in single precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Case = tuple[Any, ...]


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x.astype(np.float64), 0.0)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0.0, -x.astype(np.float64)))


def softmax(x: np.ndarray) -> np.ndarray:
    wide = x.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def plain_softmax(x: np.ndarray, axis: int | None = -1) -> np.ndarray:
    powers = np.exp(x)
    return powers / powers.sum(axis=axis, keepdims=True)


def softmax_by_one_maximum(x: np.ndarray) -> np.ndarray:
    return plain_softmax(x - x.max())


def ordinary(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.array([-1.0, 0.0, 2.0]),)
    yield (draw.normal(scale=2.0, size=5),)
    yield (draw.normal(scale=2.0, size=(2, 3)),)
    yield (draw.normal(scale=2.0, size=(4, 3)),)
    yield (draw.normal(scale=2.0, size=(3, 7)),)


def extreme(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.array([-1000.0, -1001.0, -1002.0]),)
    yield (np.array([1000.0, 0.0, 0.5, -1000.0]),)
    yield (np.array([[1000.0, 998.0, 999.0], [-1000.0, -999.0, -998.5]]),)
    yield (draw.choice([-1000.0, 1000.0], size=(3, 1)) + draw.normal(size=(3, 4)),)
    yield (draw.uniform(-1000.0, 1000.0, size=(5, 4)),)


def single_precision(draw: np.random.Generator) -> Iterator[Case]:
    for (x,) in (*ordinary(draw), *extreme(draw)):
        yield (x.astype(np.float32),)


def ascending(
    cases: Callable[[np.random.Generator], Iterator[Case]],
) -> Callable[[np.random.Generator], list[Case]]:
    return lambda draw: sorted(cases(draw), key=lambda case: case[0].size)


GROUPS = [
    Group("typical", ordinary, "vectors and matrices with values of a few units"),
    Group("extreme", extreme, "values up to 1000 away from zero: no overflow, no nan"),
    Group(
        "float32",
        ascending(single_precision),
        "both kinds in single precision, as frameworks use it",
    ),
]

FUNCTIONS = [
    Function(
        name="relu",
        answer=relu,
        axes=("n k",),
        groups=GROUPS,
        mistakes={
            "the absolute value was taken": np.abs,
            "the smaller of x and 0 was taken, not the larger": lambda x: np.minimum(x, 0),
            "0 and 1 were returned, which is the derivative of ReLU": lambda x: (x > 0).astype(
                x.dtype
            ),
            "negative values were dropped, not set to 0": lambda x: x[x > 0],
            "x was returned unchanged": lambda x: x,
            "values above 1 were cut off": lambda x: np.clip(x, 0, 1),
            "negative values kept a small slope, as in leaky ReLU": lambda x: np.where(
                x > 0, x, 0.01 * x
            ),
        },
    ),
    Function(
        name="sigmoid",
        answer=sigmoid,
        axes=("n k",),
        groups=GROUPS,
        mistakes={
            "exp(x) / (1 + exp(x)) overflows for large x": lambda x: np.exp(x) / (1 + np.exp(x)),
            "the sign of the exponent is wrong: sigmoid(x) is 1 / (1 + exp(-x))": lambda x: sigmoid(
                -x
            ),
            "tanh was computed, not the sigmoid": np.tanh,
            "the derivative of the sigmoid was returned": lambda x: sigmoid(x) * (1 - sigmoid(x)),
            "the 1 in the denominator is missing": lambda x: 1 / np.exp(-x),
        },
    ),
    Function(
        name="softmax",
        answer=softmax,
        axes=("n k",),
        groups=GROUPS,
        mistakes={
            "the maximum was not subtracted, so that exp overflows": plain_softmax,
            "one maximum was subtracted from the whole array, not each row's own": (
                softmax_by_one_maximum
            ),
            "the sum runs over the first axis, not the last": lambda x: softmax(x.T).T,
            "the sum runs over the whole array, not each row": lambda x: softmax(
                x.reshape(-1)
            ).reshape(x.shape),
            "the exponentials were not divided by their sum": lambda x: np.exp(
                x - x.max(axis=-1, keepdims=True)
            ),
            "the sigmoid of each value was returned": sigmoid,
            "the logarithm of the softmax was returned": lambda x: (
                x - np.logaddexp.reduce(x, axis=-1, keepdims=True)
            ),
            "the position of the largest value was returned, not the probabilities": lambda x: (
                x.argmax(axis=-1)
            ),
        },
    ),
]
