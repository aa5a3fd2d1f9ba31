# task: digits
# mistake: none
import numpy as np


class Network:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.W1 = self.rng.standard_normal((64, 48)) * np.sqrt(2 / 64)
        self.b1 = np.zeros((1, 48))
        self.W2 = self.rng.standard_normal((48, 10)) * np.sqrt(2 / 48)
        self.b2 = np.zeros((1, 10))

    def forward(self, X):
        self.Z1 = X.dot(self.W1) + self.b1
        self.A1 = np.maximum(0, self.Z1)
        Z2 = self.A1.dot(self.W2) + self.b2
        exp = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)

    def backward(self, X, y, probs, lr):
        m = X.shape[0]
        dZ2 = probs.copy()
        dZ2[range(m), y] -= 1
        dZ2 /= m
        dW2 = self.A1.T.dot(dZ2)
        db2 = dZ2.sum(axis=0, keepdims=True)
        dZ1 = dZ2.dot(self.W2.T)
        dZ1[self.Z1 <= 0] = 0
        dW1 = X.T.dot(dZ1)
        db1 = dZ1.sum(axis=0, keepdims=True)
        self.W1 -= lr * dW1
        self.b1 -= lr * db1
        self.W2 -= lr * dW2
        self.b2 -= lr * db2


def train(data):
    X = data.inputs.reshape(-1, 64).astype(np.float64) / 255
    y = data.labels
    net = Network(data.seed)
    for epoch in range(40):
        order = net.rng.permutation(len(X))
        for i in range(0, len(X), 32):
            batch = order[i : i + 32]
            probs = net.forward(X[batch])
            net.backward(X[batch], y[batch], probs, lr=0.2)
    return lambda images: net.forward(images.reshape(-1, 64).astype(np.float64) / 255)
