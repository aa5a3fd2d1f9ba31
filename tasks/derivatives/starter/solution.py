"""Derivatives: exact, measured, and through the chain rule."""

import numpy as np


def polynomial(coefficients: np.ndarray, x: float) -> float:
    """Return c0 + c1*x + c2*x**2 + ... for the number x.

    coefficients: [c0, c1, c2, ...], shape (k,)
    """
    raise NotImplementedError


def derivative(coefficients: np.ndarray, x: float) -> float:
    """Return the exact slope of that polynomial at x: c1 + 2*c2*x + 3*c3*x**2 + ..."""
    raise NotImplementedError


def numerical_derivative(coefficients: np.ndarray, x: float, h: float) -> float:
    """Return the slope of that polynomial at x, measured with a step h to either side.

    Where f is the polynomial, that is (f(x + h) - f(x - h)) / (2 * h).
    """
    raise NotImplementedError


def squared_error_gradient(
    w: np.ndarray, b: float, x: np.ndarray, target: float
) -> tuple[np.ndarray, float]:
    """Return (dw, db): how the loss (w . x + b - target)**2 changes with w and with b.

    w, x: weights and inputs, shape (d,) each
    b, target: numbers

    dw: one slope per weight, shape (d,)
    db: a number
    """
    raise NotImplementedError
