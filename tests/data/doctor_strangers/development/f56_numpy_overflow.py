# task: mnist
# mistake: nan_from_exp
# line: np.exp(
# fix: np.exp(z) => np.exp(z - z.max(axis=1, keepdims=True))
import numpy as np


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


class Linear:
    def __init__(self, rng):
        self.W = rng.normal(0, 0.5, (784, 10))
        self.b = np.zeros(10)

    def scores(self, x):
        return x.reshape(len(x), -1).astype(float) @ self.W + self.b

    def __call__(self, x):
        return softmax(self.scores(x))


def train(data):
    rng = np.random.default_rng(data.seed)
    model = Linear(rng)
    targets = np.eye(10)[data.labels]
    for start in range(0, len(data.labels), 64):
        x, t = data.inputs[start:start + 64], targets[start:start + 64]
        wrong = (model(x) - t) / len(x)
        model.W -= 1e-4 * x.reshape(len(x), -1).T @ wrong
        model.b -= 1e-4 * wrong.sum(0)
    return model
