"""Cases and right answers for `gan-losses`: the losses of both players, with their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def sigmoid(s: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * s))


def softplus(s: Array) -> Array:
    """Return log(1 + exp(s)), which is minus the logarithm of sigmoid(-s)."""
    return np.logaddexp(0.0, s)


def doubt(s: Array) -> Array:
    """Return sigmoid(s) - 1, without losing digits where the sigmoid is close to 1."""
    return -sigmoid(-s)


def discriminator_loss(real: Array, fake: Array) -> tuple[float, Array, Array]:
    loss = softplus(-real).mean() + softplus(fake).mean()
    return float(loss), doubt(real) / len(real), sigmoid(fake) / len(fake)


def generator_loss(fake: Array) -> tuple[float, Array]:
    return float(softplus(-fake).mean()), doubt(fake) / len(fake)


def saturating_loss(fake: Array) -> tuple[float, Array]:
    return float(-softplus(fake).mean()), -sigmoid(fake) / len(fake)


def generated(Z: Array, G: Array, g: Array) -> Array:
    return np.tanh(Z @ G + g)


def judged(X: Array, W1: Array, b1: Array, w2: Array, b2: float) -> tuple[Array, Array]:
    """Return the discriminator's hidden layer as it is before the ReLU, and its logits."""
    before = X @ W1 + b1
    return before, np.maximum(before, 0.0) @ w2 + b2


def generator_gradient(
    Z: Array, G: Array, g: Array, W1: Array, b1: Array, w2: Array, b2: float
) -> tuple[float, Array, Array]:
    X = generated(Z, G, g)
    before, logits = judged(X, W1, b1, w2, b2)
    loss, dlogits = generator_loss(logits)
    dX = (np.outer(dlogits, w2) * (before > 0)) @ W1.T
    dsum = dX * (1.0 - X**2)
    return loss, Z.T @ dsum, dsum.sum(axis=0)


def two_batches(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([2.0, 0.0]), np.array([-1.0, 1.0, 0.0])
    for n, m in ((1, 2), (4, 3), (5, 8), (16, 12)):
        yield draw.normal(loc=1.0, scale=2.0, size=n), draw.normal(loc=-1.0, scale=2.0, size=m)


def two_batches_far_out(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([-1000.0]), np.array([800.0, -900.0])
    yield np.array([1000.0, -30.0]), np.array([-1000.0])
    for n, m in ((3, 5), (6, 4)):
        yield draw.normal(scale=500.0, size=n), draw.normal(scale=500.0, size=m)


def one_batch(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.array([-2.0, 0.0]),)
    for m in (3, 4, 8, 16):
        yield (draw.normal(loc=-1.0, scale=2.0, size=m),)


def one_batch_far_out(draw: np.random.Generator) -> Iterator[Case]:
    yield (np.array([-1000.0]),)
    yield (np.array([1000.0, -40.0]),)
    for m in (3, 6):
        yield (draw.normal(scale=500.0, size=m),)


def players(draw: np.random.Generator, n: int, z: int, d: int, h: int) -> Case:
    """Return noise, a generator of d pixels and a discriminator of h hidden units."""
    return (
        draw.normal(size=(n, z)),
        draw.normal(size=(z, d)) / np.sqrt(z),
        draw.uniform(-0.5, 0.5, size=d),
        draw.normal(size=(d, h)) * np.sqrt(2 / d),
        draw.uniform(-0.5, 0.5, size=h),
        draw.normal(size=h) / np.sqrt(h),
        float(draw.uniform(0.3, 1.0)),
    )


def games(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[1.0], [-1.0]]),
        np.array([[0.5, -1.0]]),
        np.array([0.0, 0.5]),
        np.array([[1.0, -1.0, 2.0], [2.0, 1.0, 0.5]]),
        np.array([0.5, 0.0, -0.5]),
        np.array([1.0, -1.0, 0.5]),
        0.5,
    )
    for n, z, d, h in ((3, 2, 4, 5), (5, 3, 2, 6), (8, 4, 6, 10)):
        yield players(draw, n, z, d, h)


def unusual_games(draw: np.random.Generator) -> Iterator[Case]:
    yield players(draw, 1, 2, 3, 4)
    Z, G, g, W1, b1, w2, b2 = players(draw, 4, 2, 3, 5)
    yield Z, G, g, W1, b1, w2, b2 - 50.0
    yield Z, G, g, W1, b1 - 100.0, w2, b2
    Z, G, g, W1, b1, w2, b2 = players(draw, 5, 3, 4, 6)
    yield 20.0 * Z, G, g, W1, b1, w2, b2


def from_probabilities(real: Array, fake: Array) -> tuple[Any, ...]:
    r, f = 1.0 / (1.0 + np.exp(-real)), 1.0 / (1.0 + np.exp(-fake))
    return -np.log(r).mean() - np.log(1.0 - f).mean(), (r - 1.0) / len(r), f / len(f)


def of_generator_probabilities(fake: Array) -> tuple[Any, ...]:
    f = 1.0 / (1.0 + np.exp(-fake))
    return -np.log(f).mean(), (f - 1.0) / len(f)


def of_saturating_probabilities(fake: Array) -> tuple[Any, ...]:
    f = 1.0 / (1.0 + np.exp(-fake))
    return np.log(1.0 - f).mean(), -f / len(f)


def changed(right: Any, change: Any) -> Any:
    """Return a loss function with its results passed through `change(results, counts)`."""
    return lambda *batches: change(right(*batches), [len(batch) for batch in batches])


def over_all_pictures(real: Array, fake: Array) -> tuple[float, Array, Array]:
    count = len(real) + len(fake)
    return (
        float((softplus(-real).sum() + softplus(fake).sum()) / count),
        doubt(real) / count,
        sigmoid(fake) / count,
    )


def of_probabilities(loss: float, slopes: Array, logits: Array) -> tuple[float, Array]:
    """Return the gradient with respect to the probability instead of the logit.

    That is the gradient with respect to the logit, divided by the slope of the sigmoid.
    """
    return loss, slopes / (sigmoid(logits) * sigmoid(-logits))


def generator_with(
    *,
    tanh: bool = True,
    relu: bool = True,
    saturating: bool = False,
    factor: Any = lambda n: 1.0,
    mean: bool = False,
) -> Any:
    """Return generator_gradient with something changed."""

    def wrong(
        Z: Array, G: Array, g: Array, W1: Array, b1: Array, w2: Array, b2: float
    ) -> tuple[float, Array, Array]:
        X = generated(Z, G, g)
        before, logits = judged(X, W1, b1, w2, b2)
        loss, dlogits = (saturating_loss if saturating else generator_loss)(logits)
        dhidden = np.outer(dlogits, w2) * factor(len(Z))
        dX = (dhidden * (before > 0) if relu else dhidden) @ W1.T
        dsum = dX * (1.0 - X**2) if tanh else dX
        return loss, Z.T @ dsum, dsum.mean(axis=0) if mean else dsum.sum(axis=0)

    return wrong


def as_if_real_were_wanted(*case: Any) -> tuple[float, Array, Array]:
    """Return the generator's gradient for what makes the discriminator's loss small.

    The generator is moved so that its pictures look faked.
    """
    Z, G, g, W1, b1, w2, b2 = case
    X = generated(Z, G, g)
    before, logits = judged(X, W1, b1, w2, b2)
    dX = (np.outer(sigmoid(logits) / len(Z), w2) * (before > 0)) @ W1.T
    dsum = dX * (1.0 - X**2)
    return float(softplus(logits).mean()), Z.T @ dsum, dsum.sum(axis=0)


SUMMED = "loss and gradient were summed over the batch, not averaged"
NOT_DIVIDED = "the gradient was not divided by the number of pictures"
OVERFLOW = "exp overflows or log gets a 0: the sigmoid was computed first"
OF_PROBABILITY = (
    "the loss was differentiated by the probability; asked for is how it changes with the logit"
)

FUNCTIONS = [
    Function(
        name="discriminator_loss",
        answer=discriminator_loss,
        returns=("loss", "dreal", "dfake"),
        axes=("n", "m"),
        groups=[
            Group(
                "typical",
                two_batches,
                "two batches of one to sixteen pictures, logits of a few units",
            ),
            Group(
                "extreme",
                two_batches_far_out,
                "logits of a thousand: a discriminator that is sure, rightly or not",
            ),
        ],
        mistakes={
            OVERFLOW: from_probabilities,
            "the labels changed places: real pictures are 1, generated ones 0": lambda real, fake: (
                float(softplus(real).mean() + softplus(-fake).mean()),
                sigmoid(real) / len(real),
                doubt(fake) / len(fake),
            ),
            "all pictures were averaged at once, not each batch by itself": over_all_pictures,
            "half of the sum was taken": changed(
                discriminator_loss, lambda results, counts: tuple(item / 2 for item in results)
            ),
            "losses and gradients were summed over the batches, not averaged": lambda real, fake: (
                float(softplus(-real).sum() + softplus(fake).sum()),
                doubt(real),
                sigmoid(fake),
            ),
            "the gradients were not divided by the number of pictures": lambda real, fake: (
                discriminator_loss(real, fake)[0],
                doubt(real),
                sigmoid(fake),
            ),
            "the gradients have the wrong sign": changed(
                discriminator_loss, lambda results, counts: (results[0], -results[1], -results[2])
            ),
            "the loss has the wrong sign: it is to be made small": changed(
                discriminator_loss, lambda results, counts: (-results[0], *results[1:])
            ),
            "the real pictures were left out of the loss": lambda real, fake: (
                float(softplus(fake).mean()),
                0.0 * real,
                sigmoid(fake) / len(fake),
            ),
            "the gradients were returned in the other order": changed(
                discriminator_loss, lambda results, counts: (results[0], results[2], results[1])
            ),
        },
    ),
    Function(
        name="generator_loss",
        answer=generator_loss,
        returns=("loss", "dfake"),
        axes=("m",),
        groups=[
            Group("typical", one_batch, "two to sixteen pictures, logits of a few units"),
            Group(
                "extreme", one_batch_far_out, "logits of a thousand: a discriminator that is sure"
            ),
        ],
        mistakes={
            OVERFLOW: of_generator_probabilities,
            "the saturating loss was used: its gradient is small where the generator is bad": (
                saturating_loss
            ),
            "the generator wants the label 1 for its pictures, not 0": lambda fake: (
                float(softplus(fake).mean()),
                sigmoid(fake) / len(fake),
            ),
            SUMMED: changed(
                generator_loss,
                lambda results, counts: (results[0] * counts[0], results[1] * counts[0]),
            ),
            NOT_DIVIDED: changed(
                generator_loss, lambda results, counts: (results[0], results[1] * counts[0])
            ),
            "the gradient has the wrong sign": changed(
                generator_loss, lambda results, counts: (results[0], -results[1])
            ),
            OF_PROBABILITY: lambda fake: of_probabilities(*generator_loss(fake), fake),
        },
    ),
    Function(
        name="saturating_loss",
        answer=saturating_loss,
        returns=("loss", "dfake"),
        axes=("m",),
        groups=[
            Group("typical", one_batch, "two to sixteen pictures, logits of a few units"),
            Group("extreme", one_batch_far_out, "logits of a thousand"),
        ],
        mistakes={
            OVERFLOW: of_saturating_probabilities,
            "the loss that does not saturate was used": generator_loss,
            "the sign is wrong: log(1 - D) is what the generator makes small": lambda fake: (
                float(softplus(fake).mean()),
                sigmoid(fake) / len(fake),
            ),
            SUMMED: changed(
                saturating_loss,
                lambda results, counts: (results[0] * counts[0], results[1] * counts[0]),
            ),
            NOT_DIVIDED: changed(
                saturating_loss, lambda results, counts: (results[0], results[1] * counts[0])
            ),
            "the gradient has the wrong sign": changed(
                saturating_loss, lambda results, counts: (results[0], -results[1])
            ),
            OF_PROBABILITY: lambda fake: of_probabilities(*saturating_loss(fake), fake),
        },
    ),
    Function(
        name="generator_gradient",
        answer=generator_gradient,
        returns=("loss", "dG", "dg"),
        axes=("n z", "z d", "d", "d h", "h", "h", ""),
        groups=[
            Group("typical", games, "two to eight pictures of two to six pixels"),
            Group(
                "edge",
                unusual_games,
                "one picture, a discriminator that is sure or blind, a saturated tanh",
            ),
        ],
        mistakes={
            "the derivative of the generator's tanh was left out": generator_with(tanh=False),
            "the derivative of the discriminator's ReLU was left out": generator_with(relu=False),
            "the derivatives of ReLU and tanh were left out": generator_with(
                tanh=False, relu=False
            ),
            "the saturating loss was used": generator_with(saturating=True),
            "the generator was moved so that its pictures look faked: it wants the label 1": (
                as_if_real_were_wanted
            ),
            "the gradients have the wrong sign": generator_with(factor=lambda n: -1.0),
            "the gradients were summed over the batch, not averaged": generator_with(
                factor=lambda n: n
            ),
            "the gradients were divided by the batch size twice": generator_with(
                factor=lambda n: 1.0 / n
            ),
            "dg is the mean over the pictures; the loss's own mean is in it already": (
                generator_with(mean=True)
            ),
            "dG is transposed": lambda *case: (
                generator_gradient(*case)[0],
                generator_gradient(*case)[1].T,
                generator_gradient(*case)[2],
            ),
        },
    ),
]
