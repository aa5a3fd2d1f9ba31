"""Cases and right answers for `gradient-descent`: SGD, momentum, Adam, and a line fitted by SGD."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def sgd_step(w: Array, g: Array, lr: float) -> Array:
    return w - lr * g


def momentum_step(w: Array, g: Array, v: Array, lr: float, beta: float) -> tuple[Array, Array]:
    velocity = beta * v + g
    return w - lr * velocity, velocity


def adam_step(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[Array, Array, Array]:
    mean = beta1 * m + (1 - beta1) * g
    square = beta2 * v + (1 - beta2) * g**2
    step = mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps)
    return w - lr * step, mean, square


def fit_line(x: Array, y: Array, lr: float, steps: int) -> tuple[float, float]:
    w = b = 0.0
    for _ in range(steps):
        error = w * x + b - y
        w, b = w - lr * 2 * float(np.mean(error * x)), b - lr * 2 * float(np.mean(error))
    return w, b


SHAPES = ((2,), (3,), (2, 3), (4, 2), (6, 5))


def rate(draw: np.random.Generator) -> float:
    return float(draw.uniform(0.05, 0.5))


def sgd_cases(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([2.0]), np.array([4.0]), 0.1
    for shape in SHAPES:
        yield draw.normal(size=shape), draw.normal(size=shape), rate(draw)


def sgd_edge(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.0, -2.0]), np.zeros(2), 0.3
    yield np.array([1.0, -2.0, 0.5]), np.array([1.0, 2.0, 3.0]), 0.0
    yield draw.normal(size=(1, 4)), 1000.0 * draw.normal(size=(1, 4)), 1e-3


def momentum_cases(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.6]), np.array([3.2]), np.array([4.0]), 0.1, 0.9
    for shape in SHAPES:
        yield *draw.normal(size=(3, *shape)), rate(draw), float(draw.uniform(0.5, 0.95))


def momentum_edge(draw: np.random.Generator) -> Iterator[Case]:
    w, g, v = draw.normal(size=(3, 4))
    yield w, g, np.zeros(4), rate(draw), 0.9
    yield w, np.zeros(4), v, rate(draw), 0.9
    yield w, g, v, rate(draw), 0.0


def adam_settings(draw: np.random.Generator) -> Case:
    """Return lr, beta1, beta2, eps.

    eps is larger than usual, so that its place in the formula shows.
    """
    return (
        rate(draw),
        float(draw.uniform(0.8, 0.95)),
        float(draw.uniform(0.97, 0.999)),
        float(draw.uniform(1e-3, 1e-2)),
    )


def adam_first(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([2.0]), np.array([4.0]), np.zeros(1), np.zeros(1), 1, 0.1, 0.9, 0.999, 1e-8
    for shape in SHAPES:
        w, g = draw.normal(size=(2, *shape))
        yield w, g, np.zeros(shape), np.zeros(shape), 1, *adam_settings(draw)


def adam_cases(draw: np.random.Generator) -> Iterator[Case]:
    for shape in SHAPES:
        w, g, m = draw.normal(size=(3, *shape))
        t = int(draw.integers(2, 12))
        yield w, g, 0.3 * m, draw.uniform(0.05, 0.5, size=shape), t, *adam_settings(draw)


def adam_edge(draw: np.random.Generator) -> Iterator[Case]:
    w, g, m = draw.normal(size=(3, 3))
    yield w, np.zeros(3), np.zeros(3), np.zeros(3), 1, *adam_settings(draw)
    yield w, np.zeros(3), 0.1 * m, draw.uniform(0.05, 0.5, size=3), 5, *adam_settings(draw)
    yield w, g, 0.3 * m, draw.uniform(0.05, 0.5, size=3), 2000, *adam_settings(draw)
    w, g, m = draw.normal(size=(3, 1, 4))
    yield w, 100.0 * g, 10.0 * m, draw.uniform(100.0, 900.0, size=(1, 4)), 3, *adam_settings(draw)


def line_cases(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.0, 2.0]), np.array([3.0, 5.0]), 0.1, 2
    for n, steps in ((3, 1), (4, 5), (6, 20), (10, 100)):
        x = draw.uniform(-1.0, 2.0, size=n)
        slope, intercept = draw.uniform(1.0, 3.0, size=2)
        yield (
            x,
            slope * x + intercept + 0.1 * draw.normal(size=n),
            float(draw.uniform(0.02, 0.15)),
            steps,
        )


def line_edge(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.5]), np.array([2.0]), 0.1, 3
    yield np.array([1.0, 3.0]), np.array([2.0, -1.0]), 0.1, 0
    yield np.zeros(3), np.array([1.0, 2.0, 4.0]), 0.2, 4
    yield draw.uniform(-1.0, 1.0, size=4), np.full(4, -3.0), 0.1, 10


def adam_with(
    *,
    corrected: bool = True,
    eps_inside: bool = False,
    shift: int = 0,
    square: bool = True,
    root: bool = True,
    sign: float = 1.0,
    return_corrected: bool = False,
) -> Callable[..., Any]:
    """Return adam_step with something changed."""

    def wrong(
        w: Array,
        g: Array,
        m: Array,
        v: Array,
        t: int,
        lr: float,
        beta1: float,
        beta2: float,
        eps: float,
    ) -> tuple[Array, Array, Array]:
        mean = beta1 * m + (1 - beta1) * g
        second = beta2 * v + (1 - beta2) * (g**2 if square else g)
        share = (
            (1 - np.float64(beta1) ** (t + shift), 1 - np.float64(beta2) ** (t + shift))
            if corrected
            else (1.0, 1.0)
        )
        mean_hat, second_hat = mean / share[0], second / share[1]
        below = (
            np.sqrt(second_hat + eps)
            if eps_inside
            else (np.sqrt(second_hat) if root else second_hat) + eps
        )
        state = (mean_hat, second_hat) if return_corrected else (mean, second)
        return w - sign * lr * mean_hat / below, *state

    return wrong


def adam_betas_swapped(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[Array, Array, Array]:
    return adam_step(w, g, m, v, t, lr, beta2, beta1, eps)


def fit_with(
    *,
    factor: float = 2.0,
    mean: bool = True,
    extra: int = 0,
    in_turn: bool = False,
    bias: bool = True,
) -> Callable[..., Any]:
    """Return fit_line with something changed."""

    def wrong(x: Array, y: Array, lr: float, steps: int) -> tuple[float, float]:
        w = b = 0.0
        scale = factor if mean else factor * len(x)
        for _ in range(steps + extra):
            error = w * x + b - y
            w = w - lr * scale * float(np.mean(error * x))
            if in_turn:
                error = w * x + b - y
            if bias:
                b = b - lr * scale * float(np.mean(error))
        return w, b

    return wrong


FUNCTIONS = [
    Function(
        name="sgd_step",
        answer=sgd_step,
        axes=("r c", "r c", ""),
        groups=[
            Group("typical", sgd_cases, "weights of one and two dimensions"),
            Group(
                "edge",
                sgd_edge,
                "a gradient of zero, a learning rate of zero, a very large gradient",
            ),
        ],
        mistakes={
            "the step goes up the slope: the gradient was added, not subtracted": lambda w, g, lr: (
                w + lr * g
            ),
            "the learning rate was left out": lambda w, g, lr: w - g,
            "the step alone was returned, without the weights": lambda w, g, lr: -lr * g,
            "the gradient was divided by the learning rate": lambda w, g, lr: w - g / lr,
            "only the sign of the gradient was used": lambda w, g, lr: w - lr * np.sign(g),
            "the weights were shrunk, too: lr * (w + g) was subtracted": lambda w, g, lr: (
                w - lr * (w + g)
            ),
        },
    ),
    Function(
        name="momentum_step",
        answer=momentum_step,
        returns=("w", "v"),
        axes=("r c", "r c", "r c", "", ""),
        groups=[
            Group("typical", momentum_cases, "in the middle of training, with some velocity"),
            Group("edge", momentum_edge, "no velocity yet, no gradient any more, beta of 0"),
        ],
        mistakes={
            "the old velocity was used for the step": lambda w, g, v, lr, beta: (
                w - lr * v,
                beta * v + g,
            ),
            "the gradient came in with a factor of 1 - beta": lambda w, g, v, lr, beta: (
                momentum_step(w, (1 - beta) * g, v, lr, beta)
            ),
            "the learning rate went into the velocity": lambda w, g, v, lr, beta: (
                w - (beta * v + lr * g),
                beta * v + lr * g,
            ),
            "the velocity has the opposite sign: v = beta * v - lr * g": lambda w, g, v, lr, beta: (
                w + beta * v - lr * g,
                beta * v - lr * g,
            ),
            "the step goes up the slope": lambda w, g, v, lr, beta: momentum_step(
                w, g, v, -lr, beta
            ),
            "the old velocity was returned": lambda w, g, v, lr, beta: (
                momentum_step(w, g, v, lr, beta)[0],
                v,
            ),
            "the velocity was left out of the step": lambda w, g, v, lr, beta: (
                w - lr * g,
                beta * v + g,
            ),
            "beta was left out": lambda w, g, v, lr, beta: momentum_step(w, g, v, lr, 1.0),
            "the step looks ahead (Nesterov momentum)": lambda w, g, v, lr, beta: (
                w - lr * (g + beta * (beta * v + g)),
                beta * v + g,
            ),
        },
    ),
    Function(
        name="adam_step",
        answer=adam_step,
        returns=("w", "m", "v"),
        axes=("r c", "r c", "r c", "r c", "", "", "", "", ""),
        groups=[
            Group("first step", adam_first, "m and v are zero and t is 1"),
            Group("typical", adam_cases, "steps 2 to 11"),
            Group("edge", adam_edge, "a gradient of zero, step 2000, very large gradients"),
        ],
        mistakes={
            "the bias correction was left out": adam_with(corrected=False),
            "eps stands inside the square root": adam_with(eps_inside=True),
            "t was counted from 0: the correction uses t - 1": adam_with(shift=-1),
            "t was counted up first: the correction uses t + 1": adam_with(shift=1),
            "the gradient was not squared for v": adam_with(square=False),
            "the square root was left out": adam_with(root=False),
            "the step goes up the slope": adam_with(sign=-1.0),
            "the corrected averages were returned, not m and v themselves": adam_with(
                return_corrected=True
            ),
            "beta1 and beta2 changed places": adam_betas_swapped,
        },
    ),
    Function(
        name="fit_line",
        answer=fit_line,
        returns=("w", "b"),
        axes=("n", "n", "", ""),
        groups=[
            Group("typical", line_cases, "points close to a line, 1 to 100 steps"),
            Group("edge", line_edge, "one point, no step at all, inputs that are all zero"),
        ],
        mistakes={
            "the factor 2 of the derivative was left out": fit_with(factor=1.0),
            "the gradients were summed over the points, not averaged": fit_with(mean=False),
            "the gradients were summed, and the factor 2 was left out": fit_with(
                factor=1.0, mean=False
            ),
            "the step goes up the slope": fit_with(factor=-2.0),
            "one step too many was taken": fit_with(extra=1),
            "one step too few was taken": fit_with(extra=-1),
            "w was changed before the gradient of b was computed": fit_with(in_turn=True),
            "b never changes": fit_with(bias=False),
        },
    ),
]
