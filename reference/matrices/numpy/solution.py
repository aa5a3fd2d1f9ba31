"""Four products and sums of vectors and matrices, each one line of NumPy.

Claim: right in every group of cases, whatever is drawn.
Evidence: `grader run reference/matrices/numpy --task matrices`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def dot(a, b):
    """Return the sum of the products."""
    return float(np.dot(a, b))


def matrix_product(A, B):
    """Return rows of A times columns of B."""
    return A @ B


def transposed_product(A, B):
    """Return columns of A times columns of B."""
    return A.T @ B


def add_bias(Z, b):
    """Return Z with b added to each row.

    NumPy aligns the shapes (n, k) and (k,) at their last axis.
    """
    return Z + b
