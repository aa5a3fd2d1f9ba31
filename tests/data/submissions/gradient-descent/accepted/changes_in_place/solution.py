"""Right, and changes the arrays it was given; the answers are lists and a matrix product."""

import numpy as np


def sgd_step(w, g, lr):
    w -= lr * g
    return w


def momentum_step(w, g, v, lr, beta):
    v *= beta
    v += g
    w -= lr * v
    return [w, v]


def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    m += (1 - beta1) * (g - m)
    v += (1 - beta2) * (g * g - v)
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    w -= rate * m / (np.sqrt(v) + eps * np.sqrt(1 - beta2**t))
    return {"w": w, "v": v, "m": m}


def fit_line(x, y, lr, steps):
    X = np.stack([x, np.ones_like(x)], axis=1)
    w = np.zeros(2)
    for _ in range(steps):
        w = sgd_step(w, 2 / len(x) * X.T @ (X @ w - y), lr)
    return w[0], w[1]
