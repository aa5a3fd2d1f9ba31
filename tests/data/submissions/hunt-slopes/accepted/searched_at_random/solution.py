"""Knows nothing of polynomials and tries them at random until one measures wrong."""

import numpy as np


def value(coefficients, x):
    return sum(c * x**n for n, c in enumerate(coefficients))


def slope(coefficients, x):
    return sum(n * c * x ** (n - 1) for n, c in enumerate(coefficients) if n)


def searched(h_left, h_right):
    def breaks(k, largest):
        draw = np.random.default_rng(0)
        while True:
            coefficients = np.where(draw.random(k) < 0.5, draw.uniform(-largest, largest, k), draw.uniform(-1, 1, k))
            x = draw.uniform(-largest, largest)
            rise = value(coefficients, x + h_right) - value(coefficients, x - h_left)
            exact = slope(coefficients, x)
            if abs(rise / (h_left + h_right) - exact) > 0.06 * max(1, abs(exact)):
                return coefficients, x

    return breaks


breaks_one_sided, breaks_central, breaks_tiny_step = searched(0, 0.1), searched(0.1, 0.1), searched(1e-14, 1e-14)
