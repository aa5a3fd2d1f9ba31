# task: digits
# mistake: argmax_over_batch
# line: np.argmax(
# fix: np.argmax(scores, axis=0) => np.argmax(scores, axis=1)
import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def train(data):
    X = data.inputs.reshape(len(data.inputs), -1) / 255.0
    X = np.hstack([X, np.ones((len(X), 1))])
    Y = np.eye(10)[data.labels]
    W = np.zeros((65, 10))
    for step in range(500):
        W -= 0.5 * X.T @ (softmax(X @ W) - Y) / len(X)

    def model(images):
        x = images.reshape(len(images), -1) / 255.0
        scores = np.hstack([x, np.ones((len(x), 1))]) @ W
        return np.argmax(scores, axis=0)

    return model
