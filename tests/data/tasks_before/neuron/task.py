"""Cases and right answers of the task `neuron`: a weighted sum, one sigmoid neuron, a layer of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.exams.cases import Function, Group

Case = tuple[Any, ...]


def sigmoid(z: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, -z))


def weighted_sum(x: np.ndarray, w: np.ndarray, b: float) -> float:
    return float(w @ x + b)


def neuron(x: np.ndarray, w: np.ndarray, b: float) -> float:
    return float(sigmoid(w @ x + b))


def layer(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    return sigmoid(X @ W + b)


def one_example(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([2.0, 3.0]), np.array([0.5, -1.0]), 1.0
    for size in (2, 3, 4, 6):
        yield draw.normal(size=size), draw.normal(size=size), float(draw.uniform(0.5, 2.0))


def unusual_example(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.5]), np.array([-2.0]), 0.25
    yield np.array([3.0, -1.0, 2.0]), np.zeros(3), -0.75
    yield np.zeros(3), np.array([1.0, 2.0, -1.0]), 0.5
    yield np.array([4.0, 1.0, 3.0]), np.array([1.5, -2.0, 2.0]), -1.0
    yield np.array([4.0, 1.0, 3.0]), np.array([-1.5, 2.0, -2.0]), 1.0
    yield draw.normal(size=20), draw.normal(size=20) / 5, float(draw.uniform(-2.0, -0.5))


def layer_case(draw: np.random.Generator, n: int, d: int, k: int) -> Case:
    return draw.normal(size=(n, d)), draw.normal(size=(d, k)), draw.uniform(0.5, 2.0, size=k)


def layers(draw: np.random.Generator) -> Iterator[Case]:
    X, W = np.array([[2.0, 3.0], [1.0, -1.0]]), np.array([[0.5, 1.0, 0.0], [-1.0, 0.0, 2.0]])
    yield X, W, np.array([1.0, -2.0, 0.5])
    for n, d, k in ((3, 2, 4), (4, 3, 2), (5, 4, 3), (8, 6, 5)):
        yield layer_case(draw, n, d, k)


def thin_layers(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, k in ((1, 1, 2), (3, 2, 1), (4, 1, 3), (1, 3, 2)):
        yield layer_case(draw, n, d, k)


FUNCTIONS = [
    Function(
        name="weighted_sum",
        answer=weighted_sum,
        axes=("d", "d", ""),
        groups=[
            Group("typical", one_example, "two to six inputs"),
            Group("edge", unusual_example, "one input, weights or inputs of zero, a negative bias, twenty inputs"),
        ],
        mistakes={
            "the bias was left out": lambda x, w, b: w @ x,
            "the bias was subtracted": lambda x, w, b: w @ x - b,
            "the bias was added once for each input": lambda x, w, b: np.sum(w * x + b),
            "the products were not added up": lambda x, w, b: w * x + b,
            "inputs and weights were added, not multiplied": lambda x, w, b: np.sum(w + x) + b,
            "the weighted sum went through the sigmoid already": neuron,
        },
    ),
    Function(
        name="neuron",
        answer=neuron,
        axes=("d", "d", ""),
        groups=[
            Group("typical", one_example, "two to six inputs"),
            Group("edge", unusual_example, "one input, weights or inputs of zero, outputs close to 0 and to 1"),
        ],
        mistakes={
            "the bias was left out": lambda x, w, b: sigmoid(w @ x),
            "the activation function was left out": weighted_sum,
            "the bias was added after the activation function": lambda x, w, b: sigmoid(w @ x) + b,
            "the sign of the exponent is wrong: sigmoid(z) is 1 / (1 + exp(-z))": lambda x, w, b: sigmoid(-(w @ x + b)),
            "tanh was used as the activation function, not the sigmoid": lambda x, w, b: np.tanh(w @ x + b),
            "ReLU was used as the activation function, not the sigmoid": lambda x, w, b: max(0.0, w @ x + b),
            "the output was rounded to 0 or 1": lambda x, w, b: float(w @ x + b > 0),
        },
    ),
    Function(
        name="layer",
        answer=layer,
        axes=("n d", "d k", "k"),
        groups=[
            Group("typical", layers, "three to eight examples, two to five neurons"),
            Group("thin", thin_layers, "one example, one neuron or one input: the answer keeps its two sides"),
        ],
        mistakes={
            "the bias was left out": lambda X, W, b: sigmoid(X @ W),
            "the activation function was left out": lambda X, W, b: X @ W + b,
            "only the first bias was used, for every neuron": lambda X, W, b: sigmoid(X @ W + b[0]),
            "the answer is transposed: one row an example, one column a neuron": lambda X, W, b: layer(X, W, b).T,
            "sides of length 1 were dropped from the answer's shape": lambda X, W, b: np.squeeze(layer(X, W, b)),
            "only the first example was answered": lambda X, W, b: layer(X[0], W, b),
            "the outputs were averaged over the neurons": lambda X, W, b: layer(X, W, b).mean(axis=1),
        },
    ),
]
