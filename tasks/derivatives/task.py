"""Cases and right answers for `derivatives`: slopes exact and measured, and one chain rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def polynomial(coefficients: Array, x: float) -> float:
    return float(np.sum(coefficients * x ** np.arange(len(coefficients))))


def derivative(coefficients: Array, x: float) -> float:
    powers = np.arange(1, len(coefficients))
    return float(np.sum(coefficients[1:] * powers * x ** (powers - 1)))


def numerical_derivative(coefficients: Array, x: float, h: float) -> float:
    return (polynomial(coefficients, x + h) - polynomial(coefficients, x - h)) / (2 * h)


def squared_error_gradient(w: Array, b: float, x: Array, target: float) -> tuple[Array, float]:
    error = float(w @ x + b - target)
    return 2 * error * x, 2 * error


def curves(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.0, 2.0, 3.0]), 2.0
    yield np.array([0.5, -1.0, 2.0]), -1.5
    for size in (3, 4, 5, 6):
        yield (
            draw.uniform(0.5, 2.0, size=size) * draw.choice([-1.0, 1.0], size=size),
            float(draw.uniform(1.2, 2.0)),
        )


def unusual_curves(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([4.0]), 3.0
    yield np.array([-2.0, 3.0]), float(draw.uniform(-2.0, -1.0))
    yield np.array([5.0, -2.0, 1.0]), 0.0
    yield np.array([0.0, 0.0, 0.0, 1.0]), -2.0


def with_steps(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([0.0, 0.0, 0.0, 1.0]), 2.0, 0.1
    for size in (4, 5, 6):
        yield (
            draw.uniform(0.5, 2.0, size=size),
            float(draw.uniform(1.2, 2.0)),
            float(draw.uniform(0.05, 0.3)),
        )


def with_unusual_steps(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([4.0]), 3.0, 0.1
    yield np.array([-2.0, 3.0]), float(draw.uniform(-2.0, -1.0)), 0.5
    yield np.array([5.0, -2.0, 1.0]), 0.0, 0.25
    yield np.array([1.0, -2.0, 0.5, 1.0]), -2.0, 0.001


def errors(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([0.5, -1.0]), 1.0, np.array([2.0, 3.0]), 1.0
    for size in (2, 3, 4, 6):
        w, x = draw.normal(size=(2, size))
        yield w, float(draw.normal()), x, float(draw.uniform(3.0, 5.0))


def unusual_errors(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([2.0]), 1.0, np.array([3.0]), 4.0
    yield np.array([2.0, -1.0]), 0.5, np.array([1.0, 2.0]), 0.5
    yield draw.normal(size=3), 0.0, np.array([0.0, 1.5, 0.0]), 10.0


def values(coefficients: Array, x: float, h: float) -> tuple[float, float, float]:
    return (
        polynomial(coefficients, x - h),
        polynomial(coefficients, x),
        polynomial(coefficients, x + h),
    )


def forward_difference(coefficients: Array, x: float, h: float) -> float:
    _, here, above = values(coefficients, x, h)
    return (above - here) / h


def backward_difference(coefficients: Array, x: float, h: float) -> float:
    below, here, _ = values(coefficients, x, h)
    return (here - below) / h


def flipped(coefficients: Array) -> Array:
    return coefficients[::-1]


def power_not_lowered(coefficients: Array, x: float) -> float:
    return float(
        np.sum(coefficients * np.arange(len(coefficients)) * x ** np.arange(len(coefficients)))
    )


def power_not_in_front(coefficients: Array, x: float) -> float:
    return polynomial(coefficients[1:], x)


FUNCTIONS = [
    Function(
        name="polynomial",
        answer=polynomial,
        axes=("c", ""),
        groups=[
            Group("typical", curves, "three to six coefficients"),
            Group("edge", unusual_curves, "a constant, a line, x of zero, a negative x"),
        ],
        mistakes={
            "the coefficients were read from the highest power down": lambda c, x: polynomial(
                flipped(c), x
            ),
            "the powers start at 1, not at 0": lambda c, x: x * polynomial(c, x),
            "the constant was left out": lambda c, x: polynomial(c, x) - c[0],
            "every coefficient was multiplied by x, without powers": lambda c, x: np.sum(c * x),
            "the terms were not added up": lambda c, x: c * x ** np.arange(len(c)),
            "the derivative was returned": derivative,
        },
    ),
    Function(
        name="derivative",
        answer=derivative,
        axes=("c", ""),
        groups=[
            Group("typical", curves, "three to six coefficients"),
            Group("edge", unusual_curves, "a constant, a line, x of zero, a negative x"),
        ],
        mistakes={
            "the power was not lowered by 1": power_not_lowered,
            "the power was not written in front": power_not_in_front,
            "the constant was kept": lambda c, x: derivative(c, x) + c[0],
            "the coefficients were read from the highest power down": lambda c, x: derivative(
                flipped(c), x
            ),
            "the value was returned, not the slope": polynomial,
        },
    ),
    Function(
        name="numerical_derivative",
        answer=numerical_derivative,
        axes=("c", "", ""),
        groups=[
            Group(
                "typical",
                with_steps,
                "steps large enough for one-sided and central differences to differ",
            ),
            Group("edge", with_unusual_steps, "a constant, a line, x of zero, a small step"),
        ],
        mistakes={
            "the difference is one-sided: f(x + h) - f(x), divided by h": forward_difference,
            "the difference is one-sided: f(x) - f(x - h), divided by h": backward_difference,
            "the difference was divided by h, not by 2 * h": lambda c, x, h: (
                2 * numerical_derivative(c, x, h)
            ),
            "the difference was divided by 2 and multiplied by h: 2 * h needs parentheses": (
                lambda c, x, h: numerical_derivative(c, x, h) * h * h
            ),
            "the difference was not divided at all": lambda c, x, h: (
                2 * h * numerical_derivative(c, x, h)
            ),
            "the sign is wrong: f(x - h) was taken first": lambda c, x, h: (
                -numerical_derivative(c, x, h)
            ),
            "the exact slope was returned, not the measured one": lambda c, x, h: derivative(c, x),
        },
    ),
    Function(
        name="squared_error_gradient",
        answer=squared_error_gradient,
        returns=("dw", "db"),
        axes=("d", "", "d", ""),
        groups=[
            Group("typical", errors, "two to six weights"),
            Group("edge", unusual_errors, "one weight, an error of zero, inputs of zero"),
        ],
        mistakes={
            "the factor 2 was left out": lambda w, b, x, target: tuple(
                part / 2 for part in squared_error_gradient(w, b, x, target)
            ),
            "the sign is wrong: the error is prediction minus target": lambda w, b, x, target: (
                tuple(-part for part in squared_error_gradient(w, b, x, target))
            ),
            "the inner derivative was left out: dw needs a factor x": lambda w, b, x, target: (
                np.full_like(w, squared_error_gradient(w, b, x, target)[1]),
                squared_error_gradient(w, b, x, target)[1],
            ),
            "the inner derivative of w is x, not w": lambda w, b, x, target: (
                squared_error_gradient(w, b, x, target)[1] * w,
                squared_error_gradient(w, b, x, target)[1],
            ),
            "the bias was left out of the prediction": lambda w, b, x, target: (
                squared_error_gradient(w, 0.0, x, target)
            ),
            "db was multiplied by the sum of the inputs": lambda w, b, x, target: (
                squared_error_gradient(w, b, x, target)[0],
                float(squared_error_gradient(w, b, x, target)[0].sum()),
            ),
            "the squared error stands where the error belongs": lambda w, b, x, target: (
                2 * float(w @ x + b - target) ** 2 * x,
                2 * float(w @ x + b - target) ** 2,
            ),
        },
    ),
]
