"""Moves the generator, and the discriminator with it."""

import numpy as np


def sigmoid(s):
    return np.exp(-np.logaddexp(0, -s))


def discriminator_step(real, fake, w, c, lr):
    on_real, on_fake = real @ w + c, fake @ w + c
    loss = np.logaddexp(0, -on_real).mean() + np.logaddexp(0, on_fake).mean()
    dreal, dfake = (sigmoid(on_real) - 1) / len(real), sigmoid(on_fake) / len(fake)
    return w - lr * (real.T @ dreal + fake.T @ dfake), c - lr * (dreal.sum() + dfake.sum()), loss


def generator_step(Z, G, g, w, c, lr):
    fake = Z @ G + g
    logits = fake @ w + c
    dlogits = (sigmoid(logits) - 1) / len(Z)
    dfake = np.outer(dlogits, w)
    loss = np.logaddexp(0, -logits).mean()
    return G - lr * Z.T @ dfake, g - lr * dfake.sum(axis=0), w - lr * fake.T @ dlogits, c - lr * dlogits.sum(), loss


def play(real, Z, G, g, w, c, lr, rounds):
    for _ in range(rounds):
        w, c, _ = discriminator_step(real, Z @ G + g, w, c, lr)
        G, g, w, c, _ = generator_step(Z, G, g, w, c, lr)
    return G, g, w, c
