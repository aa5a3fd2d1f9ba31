# task: digits
# mistake: none
# resembles: missing_derivative
import numpy as np


class Network:
    def __init__(self, rng):
        self.w = [rng.normal(0, 0.15, (64, 48)), rng.normal(0, 0.2, (48, 10))]
        self.b = [np.zeros(48), np.zeros(10)]

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.w[0] + self.b[0])
        z = self.h @ self.w[1] + self.b[1]
        z = z - z.max(axis=1, keepdims=True)
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    def learn(self, x, y, rate):
        p = self.forward(x)
        d = (p - np.eye(10)[y]) / len(x)
        dh = d @ self.w[1].T * (1 - self.h**2)
        self.w[1] -= rate * self.h.T @ d
        self.b[1] -= rate * d.sum(0)
        self.w[0] -= rate * x.T @ dh
        self.b[0] -= rate * dh.sum(0)


def train(data):
    rng = np.random.default_rng(0)
    net = Network(rng)
    x = data.inputs.reshape(-1, 64) / 255.0
    for step in range(2500):
        rows = rng.integers(0, len(x), 32)
        net.learn(x[rows], data.labels[rows], 0.5)
    return lambda images: net.forward(images.reshape(-1, 64) / 255.0)
