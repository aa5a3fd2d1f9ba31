"""Attention: every position looks at every other one, and takes what fits."""

import numpy as np


def attention(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (output, weights) of scaled dot-product attention.

    Q: what each of n positions looks for, shape (n, d)
    K: what each of m positions offers, shape (m, d)
    V: what is taken from each of those, shape (m, v)

    output: what each of the n positions takes, shape (n, v)
    weights: how much it takes from where, shape (n, m); each row sums to 1
    """
    raise NotImplementedError


def causal_attention(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (output, weights), where position i sees only the positions 0 to i.

    Q, K, V: as in attention, with n rows each
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

    X: n positions of d numbers each, shape (n, d)
    Wq, Wk, Wv, Wo: shape (d, d) each
    heads: how many; the first head gets the first d / heads columns of X Wq, X Wk and X Wv,
        the second head the next d / heads columns, and so on
    causal: whether to keep each position from seeing the future
    """
    raise NotImplementedError


def cut_patches(X: np.ndarray, size: int) -> np.ndarray:
    """Return pictures cut into square patches, shape (n, patches, c * size * size).

    X: n pictures of c channels, shape (n, c, h, w)
    size: the side of a patch, which divides h and w

    The patches go row by row, from the upper left. The numbers of a patch go channel by channel,
    and within a channel row by row.
    """
    raise NotImplementedError


def embed_patches(
    X: np.ndarray, size: int, W: np.ndarray, b: np.ndarray, token: np.ndarray, positions: np.ndarray
) -> np.ndarray:
    """Return what a Vision Transformer starts with, shape (n, 1 + patches, d).

    Multiply each patch by W and add b, put the token in front, then add the positions.

    X, size: as in cut_patches
    W: shape (c * size * size, d)
    b, token: shape (d,) each
    positions: shape (1 + patches, d)
    """
    raise NotImplementedError
