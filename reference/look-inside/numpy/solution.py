"""Input gradients, saliency, integrated gradients and occlusion for a two-layer network.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/look-inside/numpy --task look-inside`: 100 points.
Machine: any; nothing here is timed.
"""

import numpy as np


def score(X, y, W1, b1, W2, b2):
    """Return the score of one class for each example."""
    return np.maximum(X @ W1 + b1, 0) @ W2[:, y] + b2[y]


def input_gradient(X, y, W1, b1, W2, b2):
    """Return the way back from one score to the inputs, through the active hidden units alone."""
    active = X @ W1 + b1 > 0
    return np.where(active, W2[:, y].T, 0) @ W1.T


def saliency_map(gradients):
    """Return the strongest channel of each pixel.

    Each picture is scaled so that its strongest pixel is 1.
    """
    strength = np.abs(gradients).max(axis=1)
    largest = strength.max(axis=(1, 2), keepdims=True)
    return np.divide(strength, largest, out=np.zeros_like(strength), where=largest > 0)


def integrated_gradients(x, baseline, y, steps, W1, b1, W2, b2):
    """Return the way from baseline to x, times the mean gradient along it."""
    way = x - baseline
    points = baseline + (np.arange(steps)[:, None] + 0.5) / steps * way
    return way * input_gradient(points, np.full(steps, y), W1, b1, W2, b2).mean(axis=0)


def occlusion(picture, y, size, fill, W1, b1, W2, b2):
    """Return the drops, from one batch of pictures that each have another patch covered."""
    rows, columns = picture.shape[0] // size, picture.shape[1] // size
    batch = np.repeat(picture[None], rows * columns, axis=0)
    for number, (i, j) in enumerate(np.ndindex(rows, columns)):
        batch[number, i * size : (i + 1) * size, j * size : (j + 1) * size] = fill
    before = score(picture.reshape(1, -1), y, W1, b1, W2, b2)
    after = score(batch.reshape(len(batch), -1), y, W1, b1, W2, b2)
    return (before - after).reshape(rows, columns)
