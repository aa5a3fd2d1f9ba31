"""Recurrent cells: networks that read one step after another and carry a state along."""

import numpy as np


def rnn_step(
    x: np.ndarray, h: np.ndarray, Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Return the new state, tanh(x Wx + h Wh + b), shape (n, k).

    x: the inputs of this step, shape (n, d)
    h: the old state, shape (n, k)
    Wx, Wh, b: shapes (d, k), (k, k) and (k,)
    """
    raise NotImplementedError


def read_sequence(
    X: np.ndarray, h: np.ndarray, Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Return the state after every step, shape (n, t, k).

    X: n examples of t steps with d inputs each, shape (n, t, d)
    h: the state before the first step, shape (n, k)
    Wx, Wh, b: as in rnn_step
    """
    raise NotImplementedError


def lstm_step(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the new (h, c), each of shape (n, k).

    x: the inputs of this step, shape (n, d)
    h: the old state, shape (n, k)
    c: the old memory, shape (n, k)
    Wx, Wh, b: shapes (d, 4k), (k, 4k) and (4k,);
        the columns belong to i, f, g, o in this order, k columns to each
    """
    raise NotImplementedError


def gru_step(
    x: np.ndarray, h: np.ndarray, Wx: np.ndarray, Wh: np.ndarray, bx: np.ndarray, bh: np.ndarray
) -> np.ndarray:
    """Return the new state, shape (n, k).

    x: the inputs of this step, shape (n, d)
    h: the old state, shape (n, k)
    Wx, Wh: shapes (d, 3k) and (k, 3k);
        the columns belong to r, z, n in this order, k columns to each
    bx, bh: added to x Wx and to h Wh, shape (3k,) each
    """
    raise NotImplementedError


def gradient_through_time(H: np.ndarray, Wh: np.ndarray, dlast: np.ndarray) -> np.ndarray:
    """Return how the loss changes with each state of a plain recurrent network, shape (t, k).

    H: the states of one example after each step, shape (t, k); they have already been through tanh
    Wh: from one state to the next, shape (k, k)
    dlast: how the loss changes with the last state, shape (k,); the loss uses no other state

    Row t of the result belongs to H[t].
    """
    raise NotImplementedError
