"""Every product written out as sums of plain Python."""

import numpy as np


def dot(a, b):
    total = 0.0
    for x, y in zip(a, b):
        total += float(x) * float(y)
    return total


def matrix_product(A, B):
    return np.array([[dot(row, column) for column in B.T] for row in A])


def transposed_product(A, B):
    return matrix_product(A.T, B)


def add_bias(Z, b):
    return np.array([[value + shift for value, shift in zip(row, b)] for row in Z])
