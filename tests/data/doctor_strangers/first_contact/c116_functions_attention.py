# task: attention
# mistake: none
import numpy as np


def _softmax(s):
    s = s - s.max(axis=-1, keepdims=True)
    e = np.exp(s)
    return e / e.sum(axis=-1, keepdims=True)


def attention(Q, K, V):
    w = _softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    return w @ V, w


def causal_attention(Q, K, V):
    n = len(Q)
    s = Q @ K.T / np.sqrt(Q.shape[1])
    s = np.where(np.tril(np.ones((n, n), dtype=bool)), s, -np.inf)
    w = _softmax(s)
    return w @ V, w


def multi_head(X, Wq, Wk, Wv, Wo, heads, causal):
    n, d = X.shape
    step = d // heads
    q, k, v = X @ Wq, X @ Wk, X @ Wv
    f = causal_attention if causal else attention
    parts = [f(q[:, i : i + step], k[:, i : i + step], v[:, i : i + step])[0] for i in range(0, d, step)]
    return np.concatenate(parts, axis=1) @ Wo


def cut_patches(X, size):
    n, c, h, w = X.shape
    P = X.reshape(n, c, h // size, size, w // size, size)
    return P.transpose(0, 2, 4, 1, 3, 5).reshape(n, (h // size) * (w // size), c * size * size)


def embed_patches(X, size, W, b, token, positions):
    P = cut_patches(X, size) @ W + b
    first = np.broadcast_to(token, (len(X), 1, token.shape[0]))
    return np.concatenate([first, P], axis=1) + positions
