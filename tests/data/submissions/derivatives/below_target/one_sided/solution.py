"""Takes the slope between x and x + h: an error that shrinks with h, not with its square."""

import numpy as np


def polynomial(coefficients, x):
    return float(sum(c * x**k for k, c in enumerate(coefficients)))


def derivative(coefficients, x):
    return float(sum(k * c * x ** (k - 1) for k, c in enumerate(coefficients) if k > 0))


def numerical_derivative(coefficients, x, h):
    return (polynomial(coefficients, x + h) - polynomial(coefficients, x)) / h


def squared_error_gradient(w, b, x, target):
    error = float(np.dot(w, x) + b - target)
    return 2 * error * x, 2 * error
