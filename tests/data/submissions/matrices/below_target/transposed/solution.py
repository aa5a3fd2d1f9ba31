"""Returns the product with rows and columns exchanged: right only where that makes no difference."""

import numpy as np


def dot(a, b):
    return float(np.sum(a * b))


def matrix_product(A, B):
    return B.T @ A.T


def transposed_product(A, B):
    return A.T @ B


def add_bias(Z, b):
    return Z + b
