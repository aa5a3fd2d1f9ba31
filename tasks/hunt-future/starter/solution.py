"""A language model of one layer of attention. It has a mask and still reads ahead: one mistake is
in here.
"""

import numpy as np


def softmax(scores):
    """Return shares from scores, numbers far below the others become 0."""
    powers = np.exp(scores - scores.max(axis=0))
    return powers / powers.sum(axis=0)


def masked(scores):
    """Return scores (n, n) where no position sees what comes after it: those scores are minus
    infinity.
    """
    return np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)


def attention(Q, K, V):
    """Return for each position the mean of the values (n, v), weighted by how well its query fits
    their keys (n, d).
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

    tokens: whole numbers from 0 to v - 1, shape (n,);  E: a row for each token, shape (v, d)
    Wq, Wk, Wv: to queries, keys and values, shape (d, d);  Wo: from what was read to scores, shape
                                                            (d, v)
    """
    X = E[tokens]
    return (X + attention(X @ Wq, X @ Wk, X @ Wv)) @ Wo
