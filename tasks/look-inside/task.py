"""Cases and right answers for `look-inside`: what a score rests on, by gradients and covering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def scores(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
    return np.maximum(X @ W1 + b1, 0.0) @ W2 + b2


def input_gradient(X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
    return (W2[:, y].T * (X @ W1 + b1 > 0)) @ W1.T


def saliency_map(gradients: Array) -> Array:
    strongest = np.abs(gradients).max(axis=1)
    largest = strongest.max(axis=(1, 2), keepdims=True)
    return strongest / np.where(largest > 0, largest, 1.0)


def path(x: Array, baseline: Array, shares: Array) -> Array:
    """Return points on the straight line from baseline to x, one row per share of the way."""
    return baseline + shares[:, None] * (x - baseline)


def mean_gradient(x: Array, baseline: Array, y: int, shares: Array, *weights: Array) -> Array:
    return input_gradient(path(x, baseline, shares), np.full(len(shares), y), *weights).mean(axis=0)


def middles(steps: int) -> Array:
    return (np.arange(steps) + 0.5) / steps


def integrated_gradients(
    x: Array, baseline: Array, y: int, steps: int, W1: Array, b1: Array, W2: Array, b2: Array
) -> Array:
    return (x - baseline) * mean_gradient(x, baseline, y, middles(steps), W1, b1, W2, b2)


def covered(picture: Array, size: int, fill: float, row: int, column: int) -> Array:
    copy = picture.copy()
    copy[row * size : (row + 1) * size, column * size : (column + 1) * size] = fill
    return copy


def occlusion(
    picture: Array, y: int, size: int, fill: float, W1: Array, b1: Array, W2: Array, b2: Array
) -> Array:
    weights = (W1, b1, W2, b2)
    result = np.empty((picture.shape[0] // size, picture.shape[1] // size))
    for row, column in np.ndindex(result.shape):
        without = covered(picture, size, fill, row, column)
        result[row, column] = (
            scores(picture.reshape(1, -1), *weights)[0, y]
            - scores(without.reshape(1, -1), *weights)[0, y]
        )
    return result


def network(draw: np.random.Generator, d: int, h: int, k: int) -> Case:
    return (
        draw.normal(size=(d, h)) * np.sqrt(2 / d),
        draw.uniform(-0.5, 0.5, size=h),
        draw.normal(size=(h, k)) / np.sqrt(h),
        draw.uniform(0.3, 1.0, size=k) * draw.choice([-1.0, 1.0], size=k),
    )


def small_network() -> Case:
    W1, b1 = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]), np.array([0.0, 0.5, 1.0])
    return W1, b1, np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), np.array([1.0, -0.5])


def labels(draw: np.random.Generator, n: int, k: int) -> Array:
    """Return classes that are not all 0, and not all alike where there are several."""
    return (np.arange(n) + draw.integers(1, k)) % k


def asked(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0, 2.0]]), np.array([1]), *small_network()
    for n, d, h, k in ((3, 2, 4, 3), (4, 5, 6, 2), (2, 9, 7, 4), (8, 6, 12, 5)):
        yield draw.normal(size=(n, d)), labels(draw, n, k), *network(draw, d, h, k)


def asked_oddly(draw: np.random.Generator) -> Iterator[Case]:
    yield draw.normal(size=(1, 1)), np.array([1]), *network(draw, 1, 5, 2)
    W1, b1, W2, b2 = network(draw, 3, 4, 3)
    yield (
        draw.normal(size=(4, 3)),
        labels(draw, 4, 3),
        W1,
        b1 - np.array([0.0, 100.0, 0.0, 100.0]),
        W2,
        b2,
    )
    yield draw.normal(size=(2, 3)), labels(draw, 2, 3), W1, b1 - 100.0, W2, b2
    yield 1000.0 * draw.normal(size=(4, 3)), labels(draw, 4, 3), W1, b1, W2, b2


def slopes(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.array([[[[0.5, -2.0], [0.0, 1.0]], [[-1.0, 0.5], [0.25, -4.0]]]]),)
    for shape in ((2, 1, 3, 4), (3, 3, 4, 2), (4, 3, 5, 6)):
        yield (draw.normal(size=shape) * draw.uniform(0.1, 10.0, size=(shape[0], 1, 1, 1)),)


def unusual_slopes(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.zeros((1, 2, 2, 3)),)
    one = draw.normal(size=(2, 3, 2, 3))
    one[1] = 0.0
    yield (one,)
    yield (1e-12 * draw.normal(size=(2, 1, 3, 2)),)
    yield (-draw.uniform(1.0, 5.0, size=(2, 3, 3, 2)),)


def walks(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.0, 2.0]), np.array([-1.0, 0.0]), 1, 2, *small_network()
    for d, h, k, steps in ((3, 6, 3, 4), (5, 8, 2, 10), (8, 12, 4, 50)):
        case = 2.0 * draw.normal(size=d), draw.normal(size=d), int(draw.integers(1, k)), steps
        yield *case, *network(draw, d, h, k)


def unusual_walks(draw: np.random.Generator) -> Iterator[Case]:
    yield 3.0 * draw.normal(size=2), np.zeros(2), 1, 1, *network(draw, 2, 6, 2)
    x = draw.normal(size=3)
    yield x, x.copy(), 1, 5, *network(draw, 3, 5, 3)
    yield 50.0 * draw.normal(size=4), draw.normal(size=4), 2, 200, *network(draw, 4, 9, 3)


def covers(draw: np.random.Generator) -> Iterator[Case]:
    for h, w, size, fill in ((2, 4, 2, 0.0), (4, 6, 2, 0.5), (6, 9, 3, 0.25), (8, 12, 4, 1.0)):
        yield draw.uniform(0.1, 0.9, size=(h, w)), 1, size, fill, *network(draw, h * w, 7, 3)


def unusual_covers(draw: np.random.Generator) -> Iterator[Case]:
    yield draw.uniform(0.1, 0.9, size=(2, 2)), 1, 2, 0.5, *network(draw, 4, 5, 2)
    yield draw.uniform(0.1, 0.9, size=(2, 3)), 2, 1, 0.0, *network(draw, 6, 5, 4)
    yield np.full((4, 2), 0.5), 1, 2, 0.5, *network(draw, 8, 5, 2)


def softmax(Z: Array) -> Array:
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def gradient_from(start: Any) -> Any:
    """Return input_gradient that starts from `start(one_hot, scores)` at the scores."""

    def wrong(X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
        dscores = start(np.eye(W2.shape[1])[y], scores(X, W1, b1, W2, b2))
        return ((dscores @ W2.T) * (X @ W1 + b1 > 0)) @ W1.T

    return wrong


def of_probability(one_hot: Array, Z: Array) -> Array:
    p = softmax(Z)
    return p * (one_hot - (p * one_hot).sum(axis=1, keepdims=True))


def without_relu(X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
    return W2[:, y].T @ W1.T


def scaled_by(largest: Any, strength: Any = lambda g: np.abs(g).max(axis=1)) -> Any:
    """Return saliency_map with another strength of a pixel, or divided by something else."""

    def wrong(gradients: Array) -> Array:
        strong = strength(gradients)
        return strong / largest(strong)

    return wrong


def per_picture(strong: Array) -> Array:
    largest = strong.max(axis=(1, 2), keepdims=True)
    return np.where(largest > 0, largest, 1.0)


def walked_with(shares: Any, *, factor: bool = True, summed: bool = False) -> Any:
    """Return integrated_gradients at other points of the way, or with a step left out."""

    def wrong(x: Array, baseline: Array, y: int, steps: int, *weights: Array) -> Array:
        gradient = mean_gradient(x, baseline, y, shares(steps), *weights)
        return gradient * (x - baseline if factor else 1.0) * (steps if summed else 1.0)

    return wrong


def without_baseline(x: Array, baseline: Array, y: int, steps: int, *weights: Array) -> Array:
    return integrated_gradients(x, 0.0 * baseline, y, steps, *weights)


def times_input(x: Array, baseline: Array, y: int, steps: int, *weights: Array) -> Array:
    return x * mean_gradient(x, baseline, y, middles(steps), *weights)


def occlusion_with(change: Any) -> Any:
    """Return occlusion with something else in place of the drop.

    `change(whole, hidden, y)` gives it from the scores of the whole and of the covered picture,
    shape (1, k) each.
    """

    def wrong(picture: Array, y: int, size: int, fill: float, *weights: Array) -> Array:
        result = np.empty((picture.shape[0] // size, picture.shape[1] // size))
        whole = scores(picture.reshape(1, -1), *weights)
        for row, column in np.ndindex(result.shape):
            hidden = scores(covered(picture, size, fill, row, column).reshape(1, -1), *weights)
            result[row, column] = change(whole, hidden, y)
        return result

    return wrong


def never_uncovered(picture: Array, y: int, size: int, fill: float, *weights: Array) -> Array:
    now = picture
    result = np.empty((picture.shape[0] // size, picture.shape[1] // size))
    for row, column in np.ndindex(result.shape):
        now = covered(now, size, fill, row, column)
        pair = np.stack([picture.ravel(), now.ravel()])
        result[row, column] = -np.diff(scores(pair, *weights)[:, y])[0]
    return result


FUNCTIONS = [
    Function(
        name="input_gradient",
        answer=input_gradient,
        returns=("gradient",),
        axes=("n d", "n", "d h", "h", "h k", "k"),
        groups=[
            Group("typical", asked, "one to eight examples, two to twelve units"),
            Group(
                "edge", asked_oddly, "one input, hidden units that never fire, inputs of thousands"
            ),
        ],
        mistakes={
            "the derivative of ReLU was left out": without_relu,
            "the gradient of the loss was returned, not that of the score": gradient_from(
                lambda one_hot, Z: softmax(Z) - one_hot
            ),
            "the gradient of the mean loss was returned, not that of the score": gradient_from(
                lambda one_hot, Z: (softmax(Z) - one_hot) / len(Z)
            ),
            "the gradient of the probability was returned, not that of the score": gradient_from(
                of_probability
            ),
            "the gradient was divided by the number of examples": gradient_from(
                lambda one_hot, Z: one_hot / len(Z)
            ),
            "the scores of all classes were added up": gradient_from(
                lambda one_hot, Z: np.ones_like(Z)
            ),
            "the class with the largest score was asked, not the class in y": gradient_from(
                lambda one_hot, Z: np.eye(Z.shape[1])[Z.argmax(axis=1)]
            ),
            "the sign was lost": lambda *case: np.abs(input_gradient(*case)),
            "the gradient was multiplied with the input": lambda X, *rest: (
                X * input_gradient(X, *rest)
            ),
        },
    ),
    Function(
        name="saliency_map",
        answer=saliency_map,
        returns=("map",),
        axes=("n c h w",),
        groups=[
            Group("typical", slopes, "one to four pictures of one to three channels"),
            Group("edge", unusual_slopes, "gradients that are all zero, all negative or tiny"),
        ],
        mistakes={
            "a picture without any gradient was divided by 0": scaled_by(
                lambda strong: strong.max(axis=(1, 2), keepdims=True)
            ),
            "1e-8 was added to the divisor, which falsifies small gradients": scaled_by(
                lambda strong: strong.max(axis=(1, 2), keepdims=True) + 1e-8
            ),
            "the largest of the whole batch was divided by: scale each picture by its own": (
                scaled_by(lambda strong: strong.max() if strong.max() > 0 else 1.0)
            ),
            "the map was not scaled": scaled_by(lambda strong: 1.0),
            "the map was scaled to a sum of 1": scaled_by(
                lambda strong: np.maximum(strong.sum(axis=(1, 2), keepdims=True), 1e-300)
            ),
            "the sign was kept: a strong negative slope matters as much": scaled_by(
                per_picture, lambda g: g.max(axis=1)
            ),
            "the channels were averaged; the strongest counts": scaled_by(
                per_picture, lambda g: np.abs(g).mean(axis=1)
            ),
            "the channels were added up before the sign was dropped": scaled_by(
                per_picture, lambda g: np.abs(g.sum(axis=1))
            ),
            "the squares of the gradients were used": scaled_by(
                per_picture, lambda g: (g**2).max(axis=1)
            ),
            "the smallest was subtracted as well": lambda gradients: saliency_map(
                (lambda strong: strong - strong.min(axis=(2, 3), keepdims=True))(
                    np.abs(gradients).max(axis=1, keepdims=True)
                )
            ),
            "each channel was kept and scaled for itself": lambda gradients: (
                np.abs(gradients)
                / np.maximum(np.abs(gradients).max(axis=(2, 3), keepdims=True), 1e-300)
            ),
        },
    ),
    Function(
        name="integrated_gradients",
        answer=integrated_gradients,
        returns=("shares",),
        axes=("d", "d", "", "", "d h", "h", "h k", "k"),
        groups=[
            Group("typical", walks, "two to fifty steps on the way from the baseline"),
            Group("edge", unusual_walks, "one step, no way to go, two hundred steps"),
        ],
        mistakes={
            "the mean gradient was not multiplied with x - baseline": walked_with(
                middles, factor=False
            ),
            "the gradients were added up, not averaged": walked_with(middles, summed=True),
            "each step was measured at its end, not in its middle": walked_with(
                lambda steps: np.arange(1, steps + 1) / steps
            ),
            "each step was measured at its beginning, not in its middle": walked_with(
                lambda steps: np.arange(steps) / steps
            ),
            "both ends were measured: steps evenly spaced from 0 to 1": walked_with(
                lambda steps: np.linspace(0.0, 1.0, steps)
            ),
            "the gradient at x alone was used": walked_with(lambda steps: np.ones(1)),
            "the way began at 0, not at the baseline": without_baseline,
            "the mean gradient was multiplied with x, not with x - baseline": times_input,
        },
    ),
    Function(
        name="occlusion",
        answer=occlusion,
        returns=("drops",),
        axes=(". .", "", "", "", ". h", "h", "h k", "k"),
        groups=[
            Group("typical", covers, "pictures of 2 by 4 to 8 by 12, patches of 2 to 4"),
            Group(
                "edge",
                unusual_covers,
                "one patch, patches of one pixel, a patch that hides nothing",
            ),
        ],
        mistakes={
            "what was covered stayed covered: copy the picture for each patch": never_uncovered,
            "the sign is wrong: a drop is the score before minus the score after": occlusion_with(
                lambda whole, hidden, y: hidden[0, y] - whole[0, y]
            ),
            "the score of the covered picture was returned, not the drop": occlusion_with(
                lambda whole, hidden, y: hidden[0, y]
            ),
            "the drop of the probability was measured, not that of the score": occlusion_with(
                lambda whole, hidden, y: softmax(whole)[0, y] - softmax(hidden)[0, y]
            ),
            "the sign was lost: covering can also raise the score": occlusion_with(
                lambda whole, hidden, y: abs(whole[0, y] - hidden[0, y])
            ),
            "the patches were filled with 0, not with the fill": (
                lambda picture, y, size, fill, *weights: occlusion(picture, y, size, 0.0, *weights)
            ),
            "the patches were filled with the mean of the picture": (
                lambda picture, y, size, fill, *weights: occlusion(
                    picture, y, size, float(picture.mean()), *weights
                )
            ),
            "rows and columns changed places": lambda *case: occlusion(*case).T,
        },
    ),
]
