"""Slopes of polynomials, exact and measured, and the gradient of a squared error.

Claim: right in every group of cases, to a relative tolerance of 1e-7.
Evidence: `grader run reference/derivatives/numpy --task derivatives`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def polynomial(coefficients, x):
    """Return the value at x by Horner's rule, which needs no powers."""
    value = 0.0
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return float(value)


def derivative(coefficients, x):
    """Return the exact slope, which is again a polynomial.

    Each coefficient times its power becomes the coefficient of the next lower power.
    """
    return polynomial(coefficients[1:] * np.arange(1, len(coefficients)), x)


def numerical_derivative(coefficients, x, h):
    """Return the central difference, whose error falls with h squared."""
    return (polynomial(coefficients, x + h) - polynomial(coefficients, x - h)) / (2 * h)


def squared_error_gradient(w, b, x, target):
    """Return dw and db by the chain rule.

    The square gives 2 * error, the line inside it gives x and 1.
    """
    error = float(np.dot(w, x) + b - target)
    return 2 * error * x, 2 * error
