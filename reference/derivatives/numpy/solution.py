"""Slopes of polynomials, exact and measured, and the gradient of a squared error.

Claim: right in every group of cases of the task `derivatives`, to a relative tolerance of 1e-7.
Evidence: `grader run reference/derivatives/numpy --task derivatives` ends as accepted with 100
points.
Machine: nothing here is timed, so the claim depends on none.
"""

import numpy as np


def polynomial(coefficients, x):
    """Return the value at x by Horner's rule, which needs no powers."""
    value = 0.0
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return float(value)


def derivative(coefficients, x):
    """Return the exact slope: each coefficient times its power is a coefficient of the next lower
    power.
    """
    return polynomial(coefficients[1:] * np.arange(1, len(coefficients)), x)


def numerical_derivative(coefficients, x, h):
    """Return the central difference, whose error falls with h squared."""
    return (polynomial(coefficients, x + h) - polynomial(coefficients, x - h)) / (2 * h)


def squared_error_gradient(w, b, x, target):
    """Return dw and db by the chain rule: 2 * error from the square, x and 1 from the line
    inside.
    """
    error = float(np.dot(w, x) + b - target)
    return 2 * error * x, 2 * error
