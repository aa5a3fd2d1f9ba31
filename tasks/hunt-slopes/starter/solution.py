"""Three gradient checks that look right. Find polynomials whose slope they measure wrongly."""

import numpy as np

# The functions to break. They are here for you to try; the grader has its own copies.


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


# What you write: functions that find an input. As they stand, their inputs break nothing.


def breaks_one_sided(k: int, largest: float) -> tuple[np.ndarray, float]:
    """Return coefficients (k,) and x for which one_sided() is wrong by 0.05 or more.

    No coefficient lies beyond -largest to largest, nor does x.
    """
    return np.ones(k) / k, 0.0


def breaks_central(k: int, largest: float) -> tuple[np.ndarray, float]:
    """Return the same for central()."""
    return np.ones(k) / k, 0.0


def breaks_tiny_step(k: int, largest: float) -> tuple[np.ndarray, float]:
    """Return the same for tiny_step()."""
    return np.zeros(k), 0.0
