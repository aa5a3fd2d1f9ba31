"""Vectors and matrices: four functions that everything later is made of."""

import numpy as np


def dot(a: np.ndarray, b: np.ndarray) -> float:
    """Return a1*b1 + a2*b2 + ... as one number; a and b have the shape (d,)."""
    raise NotImplementedError


def matrix_product(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return the matrix product A B, shape (n, k).

    Entry (i, j) is the dot product of row i of A and column j of B.

    A: shape (n, d)
    B: shape (d, k)
    """
    raise NotImplementedError


def transposed_product(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return A transposed times B, shape (d, k).

    Entry (i, j) is the dot product of column i of A and column j of B.

    A: shape (n, d)
    B: shape (n, k)
    """
    raise NotImplementedError


def add_bias(Z: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return Z with b added to every row, shape (n, k).

    Z: shape (n, k)
    b: shape (k,)
    """
    raise NotImplementedError
