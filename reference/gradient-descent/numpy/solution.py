"""SGD, momentum and Adam in NumPy, and a line fitted by gradient descent.

Claim: right in every group of cases, to a relative tolerance of 1e-7.
Evidence: `grader run reference/gradient-descent/numpy --task gradient-descent`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def sgd_step(w, g, lr):
    """Return the weights one step down the slope."""
    return w - lr * g


def momentum_step(w, g, v, lr, beta):
    """Return weights and velocity; the velocity is a decaying sum of gradients."""
    v = beta * v + g
    return w - lr * v, v


def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    """Return weights and both averages. Dividing by 1 - beta**t makes up for their start at 0."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def fit_line(x, y, lr, steps):
    """Return slope and intercept after the given number of steps from zero."""
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        dw, db = 2 * np.mean(error * x), 2 * np.mean(error)
        w, b = sgd_step(w, dw, lr), sgd_step(b, db, lr)
    return float(w), float(b)
