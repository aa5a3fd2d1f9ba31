"""Cases for `hunt-slopes`: polynomials whose slope three gradient checks measure wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group, Wanted, counterexample

Array = np.ndarray
Case = tuple[Any, ...]
Input = tuple[Array, float]


def value(coefficients, x):
    """Return c[0] + c[1] * x + c[2] * x**2 + ..."""
    return sum(c * x**n for n, c in enumerate(coefficients))


def one_sided(coefficients, x):
    """Measure the slope of the polynomial at x with a step to the right."""
    h = 0.1
    return (value(coefficients, x + h) - value(coefficients, x)) / h


def central(coefficients, x):
    """Measure the slope with a step to both sides."""
    h = 0.1
    return (value(coefficients, x + h) - value(coefficients, x - h)) / (2 * h)


def tiny_step(coefficients, x):
    """Measure the slope with a step so small that no bend of the curve can matter."""
    h = 1e-14
    return (value(coefficients, x + h) - value(coefficients, x - h)) / (2 * h)


def slope(coefficients: Array, x: Array) -> float:
    return float(sum(n * c * x ** (n - 1) for n, c in enumerate(coefficients) if n))


def wanted(k: int, largest: float) -> list[Wanted]:
    return [Wanted((k,), -largest, largest), Wanted((), -largest, largest)]


def single(k: int, place: int, size: float, x: float) -> Input:
    coefficients = np.zeros(k)
    coefficients[place] = size
    return coefficients, x


def bent(draw: np.random.Generator) -> Iterator[Case]:
    for k in (3, 4, 6):
        yield k, float(draw.integers(10, 20))


def twice_bent(draw: np.random.Generator) -> Iterator[Case]:
    for k in (4, 5, 7):
        yield k, float(draw.integers(10, 20))


def far_out(draw: np.random.Generator) -> Iterator[Case]:
    for k in (2, 3, 5):
        yield k, float(draw.integers(1000, 2000))


FUNCTIONS = [
    Function(
        name="breaks_one_sided",
        answer=lambda k, largest: single(k, 2, largest, 0.0),
        returns=("coefficients", "x"),
        groups=[Group("found", bent, "three to six coefficients")],
        judge=counterexample(one_sided, slope, wanted, by=0.05),
    ),
    Function(
        name="breaks_central",
        answer=lambda k, largest: single(k, 3, largest, 0.0),
        returns=("coefficients", "x"),
        groups=[Group("found", twice_bent, "four to seven coefficients")],
        judge=counterexample(central, slope, wanted, by=0.05),
    ),
    Function(
        name="breaks_tiny_step",
        answer=lambda k, largest: single(k, 1, 1.0, largest),
        returns=("coefficients", "x"),
        groups=[Group("found", far_out, "two to five coefficients, numbers up to 1000 and more")],
        judge=counterexample(tiny_step, slope, wanted, by=0.05),
    ),
]
