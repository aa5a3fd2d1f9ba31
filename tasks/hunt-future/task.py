"""Cases and right answers for `hunt-future`: a language model that sees only the past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def weights_of(scores: Array) -> Array:
    """Return row by row how much a position takes from what it may see."""
    return softmax(np.where(np.tri(len(scores), dtype=bool), scores, -np.inf))


def reader(
    weigh: Callable[[Array], Array] = weights_of, scale: bool = True
) -> Callable[..., Array]:
    """Return the model, as it should be or with something changed."""

    def next_scores(tokens: Array, E: Array, Wq: Array, Wk: Array, Wv: Array, Wo: Array) -> Array:
        X = E[tokens]
        scores = (X @ Wq) @ (X @ Wk).T / (np.sqrt(E.shape[1]) if scale else 1.0)
        answer: Array = (X + weigh(scores) @ (X @ Wv)) @ Wo
        return answer

    return next_scores


def model(draw: np.random.Generator, v: int, d: int) -> tuple[Array, ...]:
    return (
        draw.normal(size=(v, d)),
        *(draw.normal(size=(d, d)) for _ in range(3)),
        draw.normal(size=(d, v)),
    )


def sized(*sizes: tuple[int, int, int]) -> Callable[[np.random.Generator], Iterator[Case]]:
    def cases(draw: np.random.Generator) -> Iterator[Case]:
        for n, v, d in sizes:
            yield draw.integers(v, size=n), *model(draw, v, d)

    return cases


FUNCTIONS = [
    Function(
        name="next_scores",
        answer=reader(),
        axes=("n", "v d", "d d", "d d", "d d", "d v"),
        groups=[
            Group("one_token", sized((1, 2, 1), (1, 5, 3)), "a text of one token"),
            Group("typical", sized((2, 2, 1), (3, 4, 2), (6, 5, 4)), "two to six tokens"),
            Group("long", sized((24, 8, 6), (64, 12, 8)), "up to 64 tokens"),
        ],
        mistakes={
            "the weights add up to 1 in each row, and the mask is gone": reader(softmax),
            (
                "the mask comes after the softmax: "
                "nothing is seen of the future, but a row adds up to less than 1"
            ): reader(lambda scores: np.tri(len(scores)) * softmax(scores)),
            "the mask hides the past and shows the future": reader(
                lambda scores: softmax(np.where(np.tri(len(scores), dtype=bool).T, scores, -np.inf))
            ),
            "the scores are no longer divided by the root of d": reader(scale=False),
        },
    ),
]
