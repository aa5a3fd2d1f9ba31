"""Lets NumPy's own polynomials do the work, highest power first."""

import numpy as np


def of(coefficients):
    return np.poly1d(coefficients[::-1])


def polynomial(coefficients, x):
    return float(of(coefficients)(x))


def derivative(coefficients, x):
    return float(of(coefficients).deriv()(x))


def numerical_derivative(coefficients, x, h):
    return float((of(coefficients)(x + h) - of(coefficients)(x - h)) / (2 * h))


def squared_error_gradient(w, b, x, target):
    twice = 2 * float(w @ x + b - target)
    return twice * x, twice
