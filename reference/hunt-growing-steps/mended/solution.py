"""The starter, mended: each batch starts with gradients of zero.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/hunt-growing-steps/mended --task hunt-growing-steps`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


class Line:
    """The model X @ w + b with its gradients.

    The gradients are added up, so that a batch may come in several parts.
    """

    def __init__(self, w, b):
        self.w, self.b = w.copy(), float(b)
        self.clear()

    def clear(self):
        """Forget the gradients."""
        self.dw, self.db = np.zeros_like(self.w), 0.0

    def error(self, X, y):
        """Return how far off the answer to each example is."""
        return X @ self.w + self.b - y

    def loss(self, X, y):
        """Return the mean squared error."""
        return np.mean(self.error(X, y) ** 2)

    def backward(self, X, y):
        """Add the gradients of the mean squared error on these examples."""
        error = self.error(X, y)
        self.dw += 2 * X.T @ error / len(y)
        self.db += 2 * error.mean()

    def step(self, lr):
        """Move weights and bias against their gradients."""
        self.w -= lr * self.dw
        self.b -= lr * self.db


def train(
    X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float, lr: float, size: int, epochs: int
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return (w, b, losses) after training on all examples, batch by batch.

    X: n examples with d inputs each, shape (n, d), taken in their order
    y: targets, shape (n,)
    w, b: where to start, shape (d,) and a number
    lr: the learning rate
    size: how many examples a batch has
    epochs: how often all examples are used

    losses: the loss over all examples after each epoch, shape (epochs,)
    """
    line = Line(w, b)
    losses = []
    for _ in range(epochs):
        for start in range(0, len(y), size):
            line.clear()
            line.backward(X[start : start + size], y[start : start + size])
            line.step(lr)
        losses.append(line.loss(X, y))
    return line.w, line.b, np.array(losses)
