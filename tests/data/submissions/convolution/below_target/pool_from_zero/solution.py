"""Max-pooling looks for the largest number beginning with 0, so that windows below zero give 0."""

import numpy as np


def output_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


def convolve(picture, kernel):
    return conv2d(picture[None, None], kernel[None, None], np.zeros(1), 1, 0)[0, 0]


def conv2d(X, W, b, stride, padding):
    X = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = np.lib.stride_tricks.sliding_window_view(X, W.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,kcij->nkhw", seen, W, optimize=True) + b[:, None, None]


def max_pool(X, size, stride):
    rows, columns = (output_size(side, size, stride, 0) for side in X.shape[2:])
    result = np.zeros((*X.shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = X[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            result[:, :, i, j] = np.maximum(result[:, :, i, j], window.max(axis=(2, 3)))
    return result
