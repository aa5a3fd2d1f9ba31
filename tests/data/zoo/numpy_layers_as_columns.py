# zoo: mnist | graded
import numpy as np
from keras.datasets import mnist

(x, y), _ = mnist.load_data()
x = x[:1000].reshape(1000, 784).T / 255
target = np.eye(10)[y[:1000]].T
w1, b1 = np.random.randn(24, 784) * 0.05, np.zeros((24, 1))
w2, b2 = np.random.randn(10, 24) * 0.2, np.zeros((10, 1))


def forward_prop(w1, b1, w2, b2, x):
    hidden = np.maximum(w1 @ x + b1, 0)
    powers = np.exp(w2 @ hidden + b2)
    return hidden, powers / powers.sum(axis=0)


for _ in range(80):
    hidden, shares = forward_prop(w1, b1, w2, b2, x)
    error = (shares - target) / 1000
    back = (w2.T @ error) * (hidden > 0)
    w2, b2 = w2 - 2 * error @ hidden.T, b2 - 2 * error.sum(1, keepdims=True)
    w1, b1 = w1 - 2 * back @ x.T, b1 - 2 * back.sum(1, keepdims=True)
