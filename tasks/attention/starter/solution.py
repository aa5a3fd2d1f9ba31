"""Attention: every position looks at every other one, and takes what fits."""

import numpy as np


def attention(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (output, weights), of shapes (n, v) and (n, m); each row of weights sums to 1.

    Q: what each of n positions looks for, shape (n, d)
    K: what each of m positions offers, shape (m, d);  V: what is taken from it, shape (m, v)
    """
    raise NotImplementedError


def causal_attention(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (output, weights) where position i sees the positions 0 to i alone; Q, K, V have n
    rows each.
    """
    raise NotImplementedError


def multi_head(
    X: np.ndarray,
    Wq: np.ndarray,
    Wk: np.ndarray,
    Wv: np.ndarray,
    Wo: np.ndarray,
    heads: int,
    causal: bool,
) -> np.ndarray:
    """Return the output of attention with several heads, shape (n, d).

    X: n positions of d numbers, shape (n, d);  Wq, Wk, Wv, Wo: shape (d, d)
    heads: how many; head number 0 has the first d / heads columns of X Wq, X Wk and X Wv, number 1
    the next
    causal: whether a position is kept from seeing the future
    """
    raise NotImplementedError


def cut_patches(X: np.ndarray, size: int) -> np.ndarray:
    """Return square patches of pictures, shape (n, patches, c * size * size).

    X: shape (n, c, h, w); h and w are multiples of size Patches go row by row, from the upper left;
    within a patch come channel, row, column in this order.
    """
    raise NotImplementedError


def embed_patches(
    X: np.ndarray, size: int, W: np.ndarray, b: np.ndarray, token: np.ndarray, positions: np.ndarray
) -> np.ndarray:
    """Return what a Vision Transformer begins with, shape (n, 1 + patches, d).

    Each patch times W plus b, the token in front, then the positions added.
    X, size: as above;  W: shape (c * size * size, d);  b, token: shape (d,);  positions: shape (1 +
                        patches, d)
    """
    raise NotImplementedError
