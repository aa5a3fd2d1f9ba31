"""Cases and right answers for `hunt-idle-generator`: each player moves only its own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]
Players = tuple[Array, Array, Array, float, float]


def sigmoid(s: Array) -> Array:
    share: Array = np.exp(-np.logaddexp(0, -s))
    return share


def discriminator_step(
    real: Array, fake: Array, w: Array, c: float, lr: float
) -> tuple[Array, float, float]:
    on_real, on_fake = real @ w + c, fake @ w + c
    loss = np.logaddexp(0, -on_real).mean() + np.logaddexp(0, on_fake).mean()
    dreal, dfake = (sigmoid(on_real) - 1) / len(real), sigmoid(on_fake) / len(fake)
    return (
        w - lr * (real.T @ dreal + fake.T @ dfake),
        float(c - lr * (dreal.sum() + dfake.sum())),
        float(loss),
    )


def moving(
    sign: float = 1.0, both: bool = False, through: bool = True, mean: bool = True
) -> Callable[..., Players]:
    """Return the generator's step, as it should be or with something changed."""

    def generator_step(Z: Array, G: Array, g: Array, w: Array, c: float, lr: float) -> Players:
        fake = Z @ G + g
        logits = fake @ w + c
        dlogits = (sigmoid(logits) - 1) / (len(Z) if mean else 1)
        dfake = np.outer(dlogits, w if through else np.ones_like(w))
        own = sign * lr
        moved = (
            (w - lr * fake.T @ dlogits, float(c - lr * dlogits.sum())) if both else (w, float(c))
        )
        loss = float(np.logaddexp(0, -logits).mean())
        return G - own * (Z.T @ dfake), g - own * dfake.sum(axis=0), *moved, loss

    return generator_step


def playing(step: Callable[..., Players]) -> Callable[..., tuple[Array, Array, Array, float]]:
    """Return the game with the given step of the generator."""

    def play(
        real: Array, Z: Array, G: Array, g: Array, w: Array, c: float, lr: float, rounds: int
    ) -> tuple[Array, Array, Array, float]:
        for _ in range(rounds):
            w, c, _ = discriminator_step(real, Z @ G + g, w, c, lr)
            G, g, w, c, _ = step(Z, G, g, w, c, lr)
        return G, g, w, c

    return play


MISTAKES = {
    "the generator moves, and the discriminator moves with it": moving(both=True),
    "the generator moves away from what the discriminator takes for real": moving(sign=-1.0),
    (
        "the discriminator's weights are missing on the way back: "
        "each pixel gets the gradient of the logit"
    ): moving(through=False),
    "the gradients are summed over the batch, and the loss is a mean": moving(mean=False),
}


def sizes(
    draw: np.random.Generator,
) -> Iterator[tuple[Array, Array, Array, Array, Array, float, float]]:
    """Yield real, Z, G, g, w, c, lr."""
    for n, m, z, d in ((1, 1, 1, 1), (3, 2, 1, 2), (6, 5, 3, 4)):
        yield (
            draw.normal(2.0, 1.0, size=(n, d)),
            draw.normal(size=(m, z)),
            draw.normal(size=(z, d)),
            draw.normal(size=d),
            draw.normal(size=d),
            float(draw.normal()),
            0.1,
        )


def of_discriminator(draw: np.random.Generator) -> Iterator[Case]:
    for real, Z, G, g, w, c, lr in sizes(draw):
        yield real, Z @ G + g, w, c, lr


def of_generator(draw: np.random.Generator) -> Iterator[Case]:
    for _, Z, G, g, w, c, lr in sizes(draw):
        yield Z, G, g, w, c, lr


def games(draw: np.random.Generator) -> Iterator[Case]:
    for rounds, case in zip((1, 3, 20), sizes(draw), strict=True):
        yield *case, rounds


FUNCTIONS = [
    Function(
        name="discriminator_step",
        answer=discriminator_step,
        returns=("w", "c", "loss"),
        axes=("n d", "m d", "d", "", ""),
        groups=[Group("typical", of_discriminator, "one to six points")],
    ),
    Function(
        name="generator_step",
        answer=moving(),
        returns=("G", "g", "w", "c", "loss"),
        axes=("m z", "z d", "d", "d", "", ""),
        groups=[Group("typical", of_generator, "one to five points")],
        mistakes=MISTAKES,
    ),
    Function(
        name="play",
        answer=playing(moving()),
        returns=("G", "g", "w", "c"),
        axes=("n d", "m z", "z d", "d", "d", "", "", ""),
        groups=[Group("typical", games, "one to twenty rounds")],
        mistakes={name: playing(step) for name, step in MISTAKES.items()},
    ),
]
