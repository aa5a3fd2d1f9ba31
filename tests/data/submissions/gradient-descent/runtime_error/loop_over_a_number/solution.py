"""The line is fitted with a loop over the number of steps itself, which raises."""

import numpy as np


def sgd_step(w, g, lr):
    return w - lr * g


def momentum_step(w, g, v, lr, beta):
    v = beta * v + g
    return w - lr * v, v


def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def fit_line(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in steps:
        error = w * x + b - y
        w, b = w - 2 * lr * np.mean(error * x), b - 2 * lr * np.mean(error)
    return w, b
