"""The losses of a GAN: what two players each try to make small, and the gradients they learn
from.
"""

import numpy as np


def discriminator_loss(real: np.ndarray, fake: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return (loss, dreal, dfake): mean of -log(D(real)) plus mean of -log(1 - D(fake)), and its
    gradients.

    real: the discriminator's logits for n real pictures, shape (n,); D is their sigmoid
    fake: its logits for m generated pictures, shape (m,)
    """
    raise NotImplementedError


def generator_loss(fake: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, dfake): the mean of -log(D(fake)), and how it changes with each logit, shape
    (m,).
    """
    raise NotImplementedError


def saturating_loss(fake: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, dfake): the mean of log(1 - D(fake)), and how it changes with each logit, shape
    (m,).
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
    """Return (loss, dG, dg): generator_loss of the pictures made from Z, and its gradients for the
    generator.

    The generator makes n pictures of d pixels, tanh(Z G + g). Z: noise, shape (n, z);  G: (z,
                                                                                        d);  g: (d,)
    The discriminator's logits are ReLU(pictures W1 + b1) w2 + b2. W1: (d, h);  b1, w2: (h,);  b2: a
                                                                                number
    The discriminator stays as it is, and no gradients are asked for it; but the way back leads
    through it.
    """
    raise NotImplementedError
