# task: gan-losses
# mistake: nan_from_log
# line: np.log(
# says: log | overflow | 0 | inf
import numpy as np


def sig(x):
    return 1 / (1 + np.exp(-x))


def discriminator_loss(real, fake):
    loss = -np.log(sig(real)).mean() - np.log(1 - sig(fake)).mean()
    return loss, (sig(real) - 1) / len(real), sig(fake) / len(fake)


def generator_loss(fake):
    return -np.log(sig(fake)).mean(), (sig(fake) - 1) / len(fake)


def saturating_loss(fake):
    return np.log(1 - sig(fake)).mean(), -sig(fake) / len(fake)


def generator_gradient(Z, G, g, W1, b1, w2, b2):
    pictures = np.tanh(Z @ G + g)
    hidden = pictures @ W1 + b1
    loss, d = generator_loss(np.maximum(hidden, 0) @ w2 + b2)
    dp = (np.outer(d, w2) * (hidden > 0)) @ W1.T
    dz = dp * (1 - pictures ** 2)
    return loss, Z.T @ dz, dz.sum(0)
