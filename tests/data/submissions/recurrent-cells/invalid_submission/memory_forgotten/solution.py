"""lstm_step returns the state alone, where state and memory are asked for."""

import numpy as np


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def rnn_step(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b)


def read_sequence(X, h, Wx, Wh, b):
    H = []
    for t in range(X.shape[1]):
        h = rnn_step(X[:, t], h, Wx, Wh, b)
        H.append(h)
    return np.stack(H, axis=1)


def lstm_step(x, h, c, Wx, Wh, b):
    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c)


def gru_step(x, h, Wx, Wh, bx, bh):
    xr, xz, xn = np.split(x @ Wx + bx, 3, axis=1)
    hr, hz, hn = np.split(h @ Wh + bh, 3, axis=1)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    return (1 - z) * np.tanh(xn + r * hn) + z * h


def gradient_through_time(H, Wh, dlast):
    dH = np.zeros_like(H)
    dH[-1] = dlast
    for t in range(len(H) - 1, 0, -1):
        dH[t - 1] = (dH[t] * (1 - H[t] ** 2)) @ Wh.T
    return dH
