# task: digits
# mistake: equal_weights
# line: np.zeros((64, 32)) | np.zeros((32, 10))
# fix: np.zeros((64, 32)) => rng.normal(0, 0.1, (64, 32))
# fix: np.zeros((32, 10)) => rng.normal(0, 0.1, (32, 10))
import numpy as np


def softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def train(data):
    rng = np.random.default_rng(data.seed)
    X = data.inputs.reshape(len(data.inputs), -1) / 255
    Y = np.eye(10)[data.labels]
    W1 = np.zeros((64, 32))
    b1 = np.zeros(32)
    W2 = np.zeros((32, 10))
    b2 = np.zeros(10)
    lr = 0.5
    for epoch in range(60):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 64):
            idx = order[start : start + 64]
            xb, yb = X[idx], Y[idx]
            a1 = np.tanh(xb @ W1 + b1)
            p = softmax(a1 @ W2 + b2)
            dz2 = (p - yb) / len(xb)
            dz1 = (dz2 @ W2.T) * (1 - a1**2)
            W2 -= lr * a1.T @ dz2
            b2 -= lr * dz2.sum(0)
            W1 -= lr * xb.T @ dz1
            b1 -= lr * dz1.sum(0)

    def model(images):
        x = images.reshape(len(images), -1) / 255
        return softmax(np.tanh(x @ W1 + b1) @ W2 + b2)

    return model
