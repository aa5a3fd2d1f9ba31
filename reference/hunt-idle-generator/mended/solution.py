"""The starter, mended: the gradient goes on through the points to the generator.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/hunt-idle-generator/mended --task hunt-idle-generator`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def sigmoid(s):
    """Return 1 / (1 + exp(-s)) without overflow."""
    return np.exp(-np.logaddexp(0, -s))


def discriminator_step(
    real: np.ndarray, fake: np.ndarray, w: np.ndarray, c: float, lr: float
) -> tuple[np.ndarray, float, float]:
    """Return (w, c, loss): the discriminator after one step, and its loss before it.

    real, fake: points, shapes (n, d) and (m, d)
    w, c: the discriminator, logit = point @ w + c, shape (d,) and a number
    lr: the learning rate
    """
    on_real, on_fake = real @ w + c, fake @ w + c
    loss = np.logaddexp(0, -on_real).mean() + np.logaddexp(0, on_fake).mean()
    dreal, dfake = (sigmoid(on_real) - 1) / len(real), sigmoid(on_fake) / len(fake)
    dw = real.T @ dreal + fake.T @ dfake
    dc = dreal.sum() + dfake.sum()
    return w - lr * dw, c - lr * dc, loss


def generator_step(
    Z: np.ndarray, G: np.ndarray, g: np.ndarray, w: np.ndarray, c: float, lr: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """Return (G, g, w, c, loss): both players after the generator's step, and its loss before it.

    Z: noise, shape (m, z)
    G, g: the generator, point = Z @ G + g, shapes (z, d) and (d,)
    w, c, lr: as in discriminator_step
    """
    fake = Z @ G + g
    logits = fake @ w + c
    loss = np.logaddexp(0, -logits).mean()
    dlogits = (sigmoid(logits) - 1) / len(Z)
    dfake = np.outer(dlogits, w)
    return G - lr * Z.T @ dfake, g - lr * dfake.sum(axis=0), w, c, loss


def play(
    real: np.ndarray,
    Z: np.ndarray,
    G: np.ndarray,
    g: np.ndarray,
    w: np.ndarray,
    c: float,
    lr: float,
    rounds: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return (G, g, w, c) after the given number of rounds.

    In each round the discriminator takes a step, then the generator.
    """
    for _ in range(rounds):
        w, c, _ = discriminator_step(real, Z @ G + g, w, c, lr)
        G, g, w, c, _ = generator_step(Z, G, g, w, c, lr)
    return G, g, w, c
