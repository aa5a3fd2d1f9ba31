"""Clears the gradients at the beginning of each round, not for each batch."""

import numpy as np


def train(X, y, w, b, lr, size, epochs):
    w, losses = w.copy(), []
    for _ in range(epochs):
        dw, db = np.zeros_like(w), 0.0
        for start in range(0, len(y), size):
            part = X[start : start + size]
            error = part @ w + b - y[start : start + size]
            dw += 2 * part.T @ error / len(error)
            db += 2 * error.mean()
            w -= lr * dw
            b -= lr * db
        losses.append(np.mean((X @ w + b - y) ** 2))
    return w, b, np.array(losses)
