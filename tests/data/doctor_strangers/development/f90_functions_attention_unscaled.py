# task: attention
# mistake: other
# line: Q @ K.T
# says: sqrt | square root | scale | divid
import numpy as np


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention(Q, K, V):
    weights = softmax(Q @ K.T)
    return weights @ V, weights


def causal_attention(Q, K, V):
    n, d = Q.shape
    scores = Q @ K.T / np.sqrt(d)
    scores = np.where(np.tril(np.ones((n, n), dtype=bool)), scores, -np.inf)
    weights = softmax(scores)
    return weights @ V, weights


def multi_head(X, Wq, Wk, Wv, Wo, heads, causal):
    out = []
    width = X.shape[1] // heads
    q, k, v = X @ Wq, X @ Wk, X @ Wv
    for h in range(heads):
        part = slice(h * width, (h + 1) * width)
        s = q[:, part] @ k[:, part].T / np.sqrt(width)
        if causal:
            s = np.where(np.tri(len(X), dtype=bool), s, -np.inf)
        out.append(softmax(s) @ v[:, part])
    return np.concatenate(out, axis=1) @ Wo


def cut_patches(X, size):
    n, c, h, w = X.shape
    cut = X.reshape(n, c, h // size, size, w // size, size).transpose(0, 2, 4, 1, 3, 5)
    return cut.reshape(n, (h // size) * (w // size), c * size * size)


def embed_patches(X, size, W, b, token, positions):
    p = cut_patches(X, size) @ W + b
    first = np.broadcast_to(token, (len(X), 1, len(token)))
    return np.concatenate([first, p], axis=1) + positions
