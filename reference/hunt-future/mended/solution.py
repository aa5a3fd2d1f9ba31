"""The starter, mended: each row of weights adds up to 1, over what its position may see.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/hunt-future/mended --task hunt-future`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def softmax(scores):
    """Return scores as shares; a score far below the others becomes 0."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


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
