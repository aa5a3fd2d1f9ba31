"""Cases and right answers for `matrices`: products of vectors and matrices, and a bias."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def dot(a: Array, b: Array) -> float:
    return float(np.sum(a * b))


def matrix_product(A: Array, B: Array) -> Array:
    return A @ B


def transposed_product(A: Array, B: Array) -> Array:
    return A.T @ B


def add_bias(Z: Array, b: Array) -> Array:
    return Z + b


def vectors(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([2.0, 3.0]), np.array([0.5, -1.0])
    for size in (3, 4, 7, 20):
        yield draw.normal(size=size), draw.normal(size=size)


def unusual_vectors(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([-4.0]), np.array([2.5])
    yield np.array([1.0, 2.0]), np.array([-2.0, 1.0])
    yield np.array([3.0, -1.0, 2.0]), np.zeros(3)
    yield 1e6 * draw.normal(size=4), 1e-3 * draw.normal(size=4)


def factors(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[1.0, 2.0], [0.0, -1.0], [4.0, 1.0]]),
        np.array([[3.0, 0.0, 1.0, 2.0], [1.0, -2.0, 0.5, 1.0]]),
    )
    for n, d, k in ((2, 3, 4), (4, 2, 6), (3, 5, 2), (7, 5, 6)):
        yield draw.normal(size=(n, d)), draw.normal(size=(d, k))


def thin_factors(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, k in ((1, 2, 1), (2, 1, 3), (1, 3, 2), (4, 3, 1)):
        yield draw.normal(size=(n, d)), draw.normal(size=(d, k))


def rows_in_common(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[1.0, 2.0], [0.0, -1.0], [4.0, 1.0]]),
        np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0], [0.5, 1.0, -1.0]]),
    )
    for n, d, k in ((4, 3, 2), (3, 2, 5), (6, 3, 4), (9, 5, 3)):
        yield draw.normal(size=(n, d)), draw.normal(size=(n, k))


def thin_rows_in_common(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, k in ((2, 1, 1), (1, 2, 3), (3, 1, 2), (4, 3, 1)):
        yield draw.normal(size=(n, d)), draw.normal(size=(n, k))


def rows_and_bias(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([10.0, -1.0])
    for n, k in ((1, 5), (4, 3), (2, 7), (6, 4)):
        yield draw.normal(size=(n, k)), draw.normal(size=k)


def square_and_bias(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, -1.0])
    for side in (3, 5):
        yield draw.normal(size=(side, side)), draw.normal(size=side)


FUNCTIONS = [
    Function(
        name="dot",
        answer=dot,
        axes=("n", "n"),
        groups=[
            Group("typical", vectors, "two to twenty numbers"),
            Group("edge", unusual_vectors, "one number, a right angle, zeros, large times small"),
        ],
        mistakes={
            "the products were not added up": lambda a, b: a * b,
            "the vectors were added up first and then multiplied": lambda a, b: a.sum() * b.sum(),
            "the numbers were added, not multiplied": lambda a, b: np.sum(a + b),
            "the sum was divided by the number of entries": lambda a, b: np.mean(a * b),
            "every product with every other was returned": np.outer,
            "the sum was divided by both lengths, which gives the cosine": lambda a, b: (
                dot(a, b) / np.sqrt(dot(a, a) * dot(b, b))
            ),
        },
    ),
    Function(
        name="matrix_product",
        answer=matrix_product,
        axes=("n d", "d k"),
        groups=[
            Group("typical", factors, "sides of two to seven"),
            Group("thin", thin_factors, "one row, one column or one number to add up"),
        ],
        mistakes={
            "the result is transposed": lambda A, B: (A @ B).T,
            "the products were not added up": lambda A, B: A[:, :, None] * B[None, :, :],
            "the sums were divided by the number of products": lambda A, B: A @ B / len(B),
            "the rows of the result were added up": lambda A, B: (A @ B).sum(axis=0),
            "sides of length 1 were dropped from the shape": lambda A, B: np.squeeze(A @ B),
            "rows and columns were added up before multiplying": lambda A, B: np.outer(
                A.sum(axis=1), B.sum(axis=0)
            ),
        },
    ),
    Function(
        name="transposed_product",
        answer=transposed_product,
        axes=("n d", "n k"),
        groups=[
            Group("typical", rows_in_common, "three to nine rows in common"),
            Group("thin", thin_rows_in_common, "one row in common, or one column"),
        ],
        mistakes={
            "the result is transposed: B was transposed, not A": lambda A, B: B.T @ A,
            "the sums were divided by the number of rows": lambda A, B: A.T @ B / len(A),
            "the columns were added up before multiplying": lambda A, B: np.outer(
                A.sum(axis=0), B.sum(axis=0)
            ),
            "only the first row was used": lambda A, B: np.outer(A[0], B[0]),
            "sides of length 1 were dropped from the shape": lambda A, B: np.squeeze(A.T @ B),
        },
    ),
    Function(
        name="add_bias",
        answer=add_bias,
        axes=("n k", "k"),
        groups=[
            Group("typical", rows_and_bias, "more rows than columns, or fewer"),
            Group(
                "square",
                square_and_bias,
                "as many rows as columns: here a bias for each row would fit as well",
            ),
        ],
        mistakes={
            "each row got one bias, not each column": lambda Z, b: (
                Z + np.resize(b, len(Z))[:, None]
            ),
            "only the first row got the bias": lambda Z, b: np.vstack([Z[:1] + b, Z[1:]]),
            "the bias was subtracted": lambda Z, b: Z - b,
            "the sum of the biases was added everywhere": lambda Z, b: Z + b.sum(),
            "the bias was multiplied": lambda Z, b: Z * b,
            "the bias became a row of its own": lambda Z, b: np.vstack([Z, b]),
        },
    ),
]
