# task: gradient-descent
# mistake: other
# line: w - lr * m
# says: bias | correct | 1 - beta
import numpy as np


def sgd_step(w, g, lr):
    return w - lr * g


def momentum_step(w, g, v, lr, beta):
    velocity = beta * v + g
    return w - lr * velocity, velocity


def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * m / (np.sqrt(v) + eps), m, v


def fit_line(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        w, b = w - lr * 2 * (error * x).mean(), b - lr * 2 * error.mean()
    return w, b
