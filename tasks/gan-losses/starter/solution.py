"""The losses that the two players of a GAN try to make small, with their gradients."""

import numpy as np


def discriminator_loss(real: np.ndarray, fake: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return (loss, dreal, dfake): the discriminator's loss and its gradients.

    The loss is the mean of -log(D(real)) plus the mean of -log(1 - D(fake)), where D is the sigmoid
    of the discriminator's logits.

    real: the logits of n real pictures, shape (n,)
    fake: the logits of m generated pictures, shape (m,)

    dreal, dfake: how the loss changes with each logit, shapes (n,) and (m,)
    """
    raise NotImplementedError


def generator_loss(fake: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, dfake): the mean of -log(D(fake)) and its gradient.

    fake: the discriminator's logits of m generated pictures, shape (m,); D is their sigmoid

    dfake: how the loss changes with each logit, shape (m,)
    """
    raise NotImplementedError


def saturating_loss(fake: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, dfake): the mean of log(1 - D(fake)) and its gradient.

    fake, dfake: as in generator_loss
    """
    raise NotImplementedError


def generator_gradient(
    Z: np.ndarray,
    G: np.ndarray,
    g: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    w2: np.ndarray,
    b2: float,
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return (loss, dG, dg): generator_loss of the pictures made from Z, and its gradients.

    The generator makes n pictures of d pixels, tanh(Z G + g). The discriminator's logits are
    ReLU(pictures W1 + b1) w2 + b2. The discriminator stays as it is, so its own gradients are not
    asked for, but the way back leads through it.

    Z: noise, shape (n, z)
    G, g: the generator, shapes (z, d) and (d,)
    W1, b1: the discriminator's hidden layer, shapes (d, h) and (h,)
    w2, b2: the discriminator's output, shape (h,) and a number

    dG, dg: how the loss changes with G and g, shapes (z, d) and (d,)
    """
    raise NotImplementedError
