# task: digits
# mistake: missing_derivative
# line: dh = | dW1 =
# fix: dh = d @ W2.T => dh = d @ W2.T * h * (1 - h)
import numpy as np


def train(data):
    rng = np.random.default_rng(0)
    X = data.inputs.reshape(-1, 64) / 255.0
    Y = np.eye(10)[data.labels]
    W1, b1 = rng.normal(0, 1, (64, 24)), np.zeros(24)
    W2, b2 = rng.normal(0, 0.3, (24, 10)), np.zeros(10)

    def forward(x):
        h = 1 / (1 + np.exp(-(x @ W1 + b1)))
        z = h @ W2 + b2
        e = np.exp(z - z.max(1, keepdims=True))
        return h, e / e.sum(1, keepdims=True)

    for step in range(1500):
        rows = rng.integers(0, len(X), 32)
        x, y = X[rows], Y[rows]
        h, p = forward(x)
        d = (p - y) / len(x)
        dW2, db2 = h.T @ d, d.sum(0)
        dh = d @ W2.T
        dW1, db1 = x.T @ dh, dh.sum(0)
        W1 -= 1.0 * dW1; b1 -= 1.0 * db1
        W2 -= 1.0 * dW2; b2 -= 1.0 * db2
    return lambda images: forward(images.reshape(-1, 64) / 255.0)[1]
