"""saliency_map computes the map and returns nothing."""

import numpy as np


def score(picture, y, W1, b1, W2, b2):
    return np.maximum(picture.ravel() @ W1 + b1, 0) @ W2[:, y] + b2[y]


def input_gradient(X, y, W1, b1, W2, b2):
    return (W2[:, y].T * (X @ W1 + b1 > 0)) @ W1.T


def saliency_map(gradients):
    strength = np.abs(gradients).max(axis=1)
    largest = strength.max(axis=(1, 2), keepdims=True)
    strength / np.where(largest > 0, largest, 1)


def integrated_gradients(x, baseline, y, steps, W1, b1, W2, b2):
    shares = (np.arange(steps) + 0.5) / steps
    points = baseline + np.outer(shares, x - baseline)
    return (x - baseline) * input_gradient(points, np.full(steps, y), W1, b1, W2, b2).mean(axis=0)


def occlusion(picture, y, size, fill, W1, b1, W2, b2):
    rows, columns = picture.shape[0] // size, picture.shape[1] // size
    drops = np.zeros((rows, columns))
    whole = score(picture, y, W1, b1, W2, b2)
    for i in range(rows):
        for j in range(columns):
            hidden = picture.copy()
            hidden[i * size : (i + 1) * size, j * size : (j + 1) * size] = fill
            drops[i, j] = whole - score(hidden, y, W1, b1, W2, b2)
    return drops
