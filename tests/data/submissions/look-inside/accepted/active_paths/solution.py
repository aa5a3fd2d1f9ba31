"""Right, written another way: one example after the other, and the network as the linear function it is around each."""

import numpy as np


def around(x, y, W1, b1, W2, b2):
    """Return slope and offset: near x the score of class y is slope @ x + offset."""
    active = np.flatnonzero(W1.T @ x + b1 > 0)
    return W1[:, active] @ W2[active, y], b1[active] @ W2[active, y] + b2[y]


def input_gradient(X, y, W1, b1, W2, b2):
    return [around(x, label, W1, b1, W2, b2)[0].tolist() for x, label in zip(X, y, strict=True)]


def saliency_map(gradients):
    maps = []
    for picture in gradients:
        strength = np.maximum(picture.max(axis=0), -picture.min(axis=0))
        maps.append(strength / strength.max() if strength.any() else strength)
    return np.stack(maps)


def integrated_gradients(x, baseline, y, steps, W1, b1, W2, b2):
    total = np.zeros_like(x)
    for step in range(steps):
        share = (2 * step + 1) / (2 * steps)
        total += around((1 - share) * baseline + share * x, y, W1, b1, W2, b2)[0]
    return total / steps * (x - baseline)


def occlusion(picture, y, size, fill, W1, b1, W2, b2):
    def score(pixels):
        slope, offset = around(pixels.ravel(), y, W1, b1, W2, b2)
        return slope @ pixels.ravel() + offset

    before = picture.copy()
    drops = np.empty([side // size for side in picture.shape])
    for place in np.ndindex(*drops.shape):
        patch = tuple(slice(at * size, at * size + size) for at in place)
        picture[patch] = fill
        drops[place] = score(before) - score(picture)
        picture[patch] = before[patch]
    return {"drops": drops}
