# task: recurrent-cells
# mistake: other
# line: np.split | i, f, o, g
# says: order | gate | i, f, g, o
# fix: i, f, o, g = => i, f, g, o =
import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


def rnn_step(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b)


def read_sequence(X, h, Wx, Wh, b):
    states = []
    for t in range(X.shape[1]):
        h = rnn_step(X[:, t], h, Wx, Wh, b)
        states.append(h)
    return np.stack(states, axis=1)


def lstm_step(x, h, c, Wx, Wh, b):
    i, f, o, g = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c = sigma(f) * c + sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(c), c


def gru_step(x, h, Wx, Wh, bx, bh):
    xr, xz, xn = np.split(x @ Wx + bx, 3, axis=1)
    hr, hz, hn = np.split(h @ Wh + bh, 3, axis=1)
    r = sigma(xr + hr)
    z = sigma(xz + hz)
    n = np.tanh(xn + r * hn)
    return (1 - z) * n + z * h


def gradient_through_time(H, Wh, dlast):
    grads = np.zeros_like(H)
    grads[-1] = dlast
    for t in range(len(H) - 2, -1, -1):
        grads[t] = (grads[t + 1] * (1 - H[t + 1] ** 2)) @ Wh.T
    return grads
