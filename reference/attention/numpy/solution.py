"""Attention, causal and with many heads, and the start of a Vision Transformer, in NumPy.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/attention/numpy --task attention`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def weighed(Q, K, V, causal):
    """Return output and weights.

    Any number of axes may come first, so several heads need no loop.
    """
    scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
    if causal:
        scores = np.where(np.tri(scores.shape[-1], dtype=bool), scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ V, weights


def attention(Q, K, V):
    """Return output and weights when everything is visible."""
    return weighed(Q, K, V, causal=False)


def causal_attention(Q, K, V):
    """Return output and weights when the scores of the future are -inf."""
    return weighed(Q, K, V, causal=True)


def multi_head(X, Wq, Wk, Wv, Wo, heads, causal):
    """Return the outputs of the heads side by side, times Wo.

    The heads become the first axis, and go back again.
    """
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, heads, d // heads).swapaxes(0, 1) for W in (Wq, Wk, Wv))
    output, _ = weighed(Q, K, V, causal)
    return output.swapaxes(0, 1).reshape(n, d) @ Wo


def cut_patches(X, size):
    """Return the patches.

    Each side becomes two axes, place and pixel, and the places move to the front.
    """
    n, c, h, w = X.shape
    grid = X.reshape(n, c, h // size, size, w // size, size)
    return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n, -1, c * size * size)


def embed_patches(X, size, W, b, token, positions):
    """Return the token and the embedded patches, with their positions added."""
    tokens = np.empty((len(X), *positions.shape))
    tokens[:, 0] = token
    tokens[:, 1:] = cut_patches(X, size) @ W + b
    return tokens + positions
