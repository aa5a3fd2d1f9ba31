"""Losses and gradients of discriminator and generator, from logits, in NumPy.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64, also
for logits of a thousand.
Evidence: `grader run reference/gan-losses/numpy --task gan-losses`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def softplus(s):
    """Return log(1 + exp(s)); it takes exp only of numbers <= 0."""
    return np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s)))


def sigmoid(s):
    """Return the slope of softplus."""
    e = np.exp(-np.abs(s))
    return np.where(s >= 0, 1, e) / (1 + e)


def discriminator_loss(real, fake):
    """Return the loss of calling real pictures fake and fake ones real.

    Each batch is averaged by itself.
    """
    loss = softplus(-real).mean() + softplus(fake).mean()
    return loss, -sigmoid(-real) / len(real), sigmoid(fake) / len(fake)


def generator_loss(fake):
    """Return the loss of not being taken for real."""
    return softplus(-fake).mean(), -sigmoid(-fake) / len(fake)


def saturating_loss(fake):
    """Return minus the discriminator's loss on the same pictures."""
    return -softplus(fake).mean(), -sigmoid(fake) / len(fake)


def generator_gradient(Z, G, g, W1, b1, w2, b2):
    """Return loss, dG, dg.

    The way leads back through the discriminator to its inputs, and on through the generator.
    """
    pictures = np.tanh(Z @ G + g)
    hidden = np.maximum(pictures @ W1 + b1, 0)
    loss, dlogits = generator_loss(hidden @ w2 + b2)
    dhidden = dlogits[:, None] * w2 * (hidden > 0)
    dsum = dhidden @ W1.T * (1 - pictures**2)
    return loss, Z.T @ dsum, dsum.sum(axis=0)
