# task: gradient-descent
# mistake: other
# line: w = w - lr
# says: same errors | before | old | both
import numpy as np


def sgd_step(w, g, lr):
    return w - lr * g


def momentum_step(w, g, v, lr, beta):
    v = beta * v + g
    return w - lr * v, v


def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g ** 2
    return w - lr * (m / (1 - beta1 ** t)) / (np.sqrt(v / (1 - beta2 ** t)) + eps), m, v


def fit_line(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in range(steps):
        w = w - lr * np.mean(2 * (w * x + b - y) * x)
        b = b - lr * np.mean(2 * (w * x + b - y))
    return w, b
