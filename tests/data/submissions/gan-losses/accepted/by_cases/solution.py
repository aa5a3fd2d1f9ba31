"""Right, written another way: one cross-entropy with labels for everything, and one picture after the other."""

import math

import numpy as np


def cross_entropy(logit, label):
    """Return loss and slope for one logit and the label 0 or 1."""
    toward = logit if label else -logit
    if toward > 0:
        wrong = math.exp(-toward) / (1 + math.exp(-toward))
        loss = math.log1p(math.exp(-toward))
    else:
        wrong = 1 / (1 + math.exp(toward))
        loss = -toward + math.log1p(math.exp(toward))
    return loss, -wrong if label else wrong


def averaged(logits, label):
    pairs = [cross_entropy(float(logit), label) for logit in logits]
    return math.fsum(loss for loss, _ in pairs) / len(pairs), [slope / len(pairs) for _, slope in pairs]


def discriminator_loss(real, fake):
    of_real, dreal = averaged(real, 1)
    of_fake, dfake = averaged(fake, 0)
    return {"dfake": dfake, "dreal": dreal, "loss": of_real + of_fake}


def generator_loss(fake):
    return averaged(fake, 1)


def saturating_loss(fake):
    loss, slopes = averaged(fake, 0)
    return -loss, [-slope for slope in slopes]


def generator_gradient(Z, G, g, W1, b1, w2, b2):
    pictures = [np.tanh(z @ G + g) for z in Z]
    active = [np.heaviside(x @ W1 + b1, 0.0) for x in pictures]
    logits = [((x @ W1 + b1) * on) @ w2 + b2 for x, on in zip(pictures, active, strict=True)]
    loss, slopes = averaged(logits, 1)
    dG, dg = np.zeros_like(G), np.zeros_like(g)
    for z, x, on, slope in zip(Z, pictures, active, slopes, strict=True):
        dsum = slope * (W1 @ (w2 * on)) * (1 - x * x)
        dG += np.outer(z, dsum)
        dg += dsum
    return loss, dG, dg
