"""A language model of one layer of attention. It has a mask, and still reads ahead.

There is one mistake in here.
"""

import numpy as np


def softmax(scores):
    """Return scores as shares; a score far below the others becomes 0."""
    powers = np.exp(scores - scores.max(axis=0))
    return powers / powers.sum(axis=0)


def masked(scores):
    """Return scores (n, n) in which no position sees what comes after it.

    The scores of what comes after it are minus infinity.
    """
    return np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)


def attention(Q, K, V):
    """Return a weighted mean of the values for each position, shape (n, v).

    The better a position's query fits a key, the more the value of that key counts.

    Q, K: queries and keys, shape (n, d) each
    V: values, shape (n, v)
    """
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    return softmax(masked(scores)) @ V


def next_scores(
    tokens: np.ndarray,
    E: np.ndarray,
    Wq: np.ndarray,
    Wk: np.ndarray,
    Wv: np.ndarray,
    Wo: np.ndarray,
) -> np.ndarray:
    """Return a score for each position and each token that may come next, shape (n, v).

    tokens: whole numbers from 0 to v - 1, shape (n,)
    E: one row per token, shape (v, d)
    Wq, Wk, Wv: to queries, keys and values, shape (d, d) each
    Wo: from what was read to scores, shape (d, v)
    """
    X = E[tokens]
    return (X + attention(X @ Wq, X @ Wk, X @ Wv)) @ Wo
