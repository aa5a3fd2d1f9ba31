"""Steps of a plain network, an LSTM and a GRU, and the gradient back through time, in NumPy.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/recurrent-cells/numpy --task recurrent-cells`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def sigmoid(z):
    """Return 1 / (1 + exp(-z)), written with tanh so that nothing overflows."""
    return (1 + np.tanh(z / 2)) / 2


def rnn_step(x, h, Wx, Wh, b):
    """Return the new state: a layer that sees the input and the old state."""
    return np.tanh(x @ Wx + h @ Wh + b)


def read_sequence(X, h, Wx, Wh, b):
    """Return all states, each made from the one before."""
    H = np.empty((*X.shape[:2], h.shape[1]))
    for t in range(X.shape[1]):
        h = H[:, t] = rnn_step(X[:, t], h, Wx, Wh, b)
    return H


def lstm_step(x, h, c, Wx, Wh, b):
    """Return the new state and memory. One matrix product makes all four gates, then it is cut."""
    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_step(x, h, Wx, Wh, bx, bh):
    """Return the new state, a mixture of the old state and a candidate."""
    xr, xz, xn = np.split(x @ Wx + bx, 3, axis=1)
    hr, hz, hn = np.split(h @ Wh + bh, 3, axis=1)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    return (1 - z) * np.tanh(xn + r * hn) + z * h


def gradient_through_time(H, Wh, dlast):
    """Return the gradient at every state: through tanh and Wh, once for each step back."""
    dH = np.empty_like(H)
    dH[-1] = dlast
    for t in range(len(H) - 1, 0, -1):
        dH[t - 1] = (dH[t] * (1 - H[t] ** 2)) @ Wh.T
    return dH
