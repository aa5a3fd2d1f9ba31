"""Bends the curve once for the central difference, which measures that exactly."""

import numpy as np


def bent(k, largest):
    coefficients = np.zeros(k)
    coefficients[2 if k > 2 else 1] = largest
    return coefficients, 0.0


breaks_one_sided = breaks_central = bent


def breaks_tiny_step(k, largest):
    return np.eye(k)[1], largest
