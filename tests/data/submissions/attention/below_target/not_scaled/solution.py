"""The scores are not divided by the square root of d."""

import numpy as np


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def attention(Q, K, V):
    weights = softmax(Q @ K.T)
    return weights @ V, weights


def causal_attention(Q, K, V):
    scores = Q @ K.T
    scores[np.triu_indices(len(Q), k=1)] = -np.inf
    weights = softmax(scores)
    return weights @ V, weights


def multi_head(X, Wq, Wk, Wv, Wo, heads, causal):
    look = causal_attention if causal else attention
    Q, K, V = (np.split(X @ W, heads, axis=1) for W in (Wq, Wk, Wv))
    return np.hstack([look(Q[i], K[i], V[i])[0] for i in range(heads)]) @ Wo


def cut_patches(X, size):
    n, c, h, w = X.shape
    grid = X.reshape(n, c, h // size, size, w // size, size)
    return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n, -1, c * size * size)


def embed_patches(X, size, W, b, token, positions):
    patches = cut_patches(X, size) @ W + b
    return np.concatenate([np.tile(token, (len(X), 1, 1)), patches], axis=1) + positions
