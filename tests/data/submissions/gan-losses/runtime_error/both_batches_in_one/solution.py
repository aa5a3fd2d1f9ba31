"""Real and generated logits are added pair by pair, although there may be more of one than of the other."""

import numpy as np


def softplus(s):
    return np.logaddexp(0, s)


def sigmoid(s):
    return (1 + np.tanh(s / 2)) / 2


def discriminator_loss(real, fake):
    loss = (softplus(-real) + softplus(fake)).mean()
    return loss, (sigmoid(real) - 1) / len(real), sigmoid(fake) / len(fake)


def generator_loss(fake):
    return softplus(-fake).mean(), (sigmoid(fake) - 1) / len(fake)


def saturating_loss(fake):
    return -softplus(fake).mean(), -sigmoid(fake) / len(fake)


def generator_gradient(Z, G, g, W1, b1, w2, b2):
    X = np.tanh(Z @ G + g)
    hidden = np.maximum(X @ W1 + b1, 0)
    loss, dlogits = generator_loss(hidden @ w2 + b2)
    dX = (np.outer(dlogits, w2) * (hidden > 0)) @ W1.T
    dsum = dX * (1 - X**2)
    return loss, Z.T @ dsum, dsum.sum(axis=0)
