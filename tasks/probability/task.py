"""Cases and right answers for `probability`: mean, variance, one-hot, Bayes, likelihood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def mean_and_variance(x: Array) -> tuple[float, float]:
    mean = float(np.mean(x))
    return mean, float(np.mean((x - mean) ** 2))


def one_hot(y: Array, k: int) -> Array:
    return (y[:, None] == np.arange(k)).astype(np.float64)


def bayes(prior: Array, likelihood: Array) -> Array:
    joint = prior * likelihood
    return joint / joint.sum()


def of_class(p: Array, y: Array) -> Array:
    return p[np.arange(len(y)), y]


def negative_log_likelihood(p: Array, y: Array) -> float:
    return float(-np.log(of_class(p, y)).mean())


def samples(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.array([2.0, 4.0, 9.0]),)
    for size in (4, 6, 10, 50):
        yield (draw.normal(loc=3.0, scale=2.0, size=size),)


def unusual_samples(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.array([5.0]),)
    yield (np.full(3, -2.5),)
    yield (np.array([-1.0, 5.0, -3.0, -1.0]),)
    yield (1e6 + draw.normal(size=8),)


def classes(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([2, 0]), 3
    for n, k in ((4, 3), (5, 2), (7, 10)):
        yield np.append(draw.integers(0, k, size=n - 1), k - 1), k


def unusual_classes(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1]), 4
    yield np.array([0, 0, 0]), 2
    yield np.array([1, 0, 1, 2]), 5


def beliefs(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([0.01, 0.99]), np.array([0.9, 0.05])
    for k in (2, 3, 4, 6):
        yield draw.dirichlet(np.full(k, 2.0)), draw.uniform(0.05, 0.95, size=k)


def unusual_beliefs(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([0.25, 0.75]), np.array([1.0, 0.0])
    yield np.array([0.0, 0.3, 0.7]), np.array([0.9, 0.2, 0.4])
    yield np.array([0.2, 0.3, 0.5]), 1e-12 * draw.uniform(0.1, 0.9, size=3)


def forecasts(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2]]), np.array([0, 2])
    for n, k in ((4, 2), (3, 4), (5, 3), (9, 6)):
        yield draw.dirichlet(np.full(k, 2.0), size=n), draw.integers(0, k, size=n)


def unusual_forecasts(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[0.125, 0.875]]), np.array([0])
    yield np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([1, 0])
    yield np.array([[1e-30, 1.0 - 1e-30], [0.75, 0.25], [0.5, 0.5]]), np.array([0, 1, 1])
    yield np.full((4, 10), 0.1), draw.integers(0, 10, size=4)


FUNCTIONS = [
    Function(
        name="mean_and_variance",
        answer=mean_and_variance,
        returns=("mean", "variance"),
        axes=("n",),
        groups=[
            Group("typical", samples, "three to fifty numbers"),
            Group(
                "edge",
                unusual_samples,
                "one number, equal numbers, a mean of zero, a mean of a million",
            ),
        ],
        mistakes={
            "the sum of squares was divided by n - 1, not by n": lambda x: (
                x.mean(),
                np.sum((x - x.mean()) ** 2) / (np.float64(len(x)) - 1),
            ),
            "the standard deviation was returned, not its square": lambda x: (x.mean(), x.std()),
            "the squares of the deviations were not averaged": lambda x: (
                x.mean(),
                np.sum((x - x.mean()) ** 2),
            ),
            "the deviations were not squared": lambda x: (x.mean(), np.abs(x - x.mean()).mean()),
            "the mean was not subtracted before squaring": lambda x: (x.mean(), np.mean(x**2)),
            "the results were returned in the other order": lambda x: mean_and_variance(x)[::-1],
            "the median was returned, not the mean": lambda x: (
                np.median(x),
                mean_and_variance(x)[1],
            ),
        },
    ),
    Function(
        name="one_hot",
        answer=one_hot,
        axes=("n", ""),
        groups=[
            Group("typical", classes, "two to ten classes"),
            Group("edge", unusual_classes, "one label, equal labels, classes that do not occur"),
        ],
        mistakes={
            "the result is transposed: one row a label, one column a class": lambda y, k: (
                one_hot(y, k).T
            ),
            "the classes were counted from 1": lambda y, k: np.eye(k)[y - 1],
            "there are only as many columns as the largest label asks for": lambda y, k: one_hot(
                y, int(y.max()) + 1
            ),
            "the label itself was written, not a 1": lambda y, k: one_hot(y, k) * y[:, None],
            "0 and 1 changed places": lambda y, k: 1.0 - one_hot(y, k),
            "whole numbers or booleans were returned, not floats": lambda y, k: one_hot(
                y, k
            ).astype(np.int64),
        },
    ),
    Function(
        name="bayes",
        answer=bayes,
        returns=("posterior",),
        groups=[
            Group("typical", beliefs, "two to six hypotheses"),
            Group(
                "edge",
                unusual_beliefs,
                "a hypothesis that is ruled out, observations that are very unlikely",
            ),
        ],
        mistakes={
            "the products were not divided by their sum": lambda prior, likelihood: (
                prior * likelihood
            ),
            "the prior was left out": lambda prior, likelihood: likelihood / likelihood.sum(),
            "the prior was returned unchanged": lambda prior, likelihood: prior,
            "prior and likelihood were added, not multiplied": lambda prior, likelihood: (
                (prior + likelihood) / (prior + likelihood).sum()
            ),
            "only the first hypothesis was answered": lambda prior, likelihood: bayes(
                prior, likelihood
            )[0],
            "the prior was divided by the likelihood": lambda prior, likelihood: (
                prior / likelihood / np.sum(prior / likelihood)
            ),
        },
    ),
    Function(
        name="negative_log_likelihood",
        answer=negative_log_likelihood,
        axes=("n .", "n"),
        groups=[
            Group("typical", forecasts, "two to nine examples, two to six classes"),
            Group(
                "edge",
                unusual_forecasts,
                "one example, certainty, a probability of 1e-30, ten equal classes",
            ),
        ],
        mistakes={
            "the losses were summed, not averaged": lambda p, y: (
                negative_log_likelihood(p, y) * len(y)
            ),
            "the minus sign is missing": lambda p, y: -negative_log_likelihood(p, y),
            "the logarithm has base 2, not e": lambda p, y: (
                negative_log_likelihood(p, y) / np.log(2)
            ),
            "the logarithm has base 10, not e": lambda p, y: (
                negative_log_likelihood(p, y) / np.log(10)
            ),
            "the mean was taken before the logarithm": lambda p, y: -np.log(of_class(p, y).mean()),
            "the logarithm was left out": lambda p, y: -of_class(p, y).mean(),
            "the most likely class was used, not the class in y": lambda p, y: (
                negative_log_likelihood(p, p.argmax(axis=1))
            ),
            "the sum was divided by the number of classes as well": lambda p, y: (
                negative_log_likelihood(p, y) / p.shape[1]
            ),
            "one number for each example was returned, not their mean": lambda p, y: (
                -np.log(of_class(p, y))
            ),
        },
    ),
]
