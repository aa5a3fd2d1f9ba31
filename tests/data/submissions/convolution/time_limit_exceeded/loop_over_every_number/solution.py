"""One Python step for every number that comes out: right, and endless for real pictures."""

import numpy as np


def output_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


def convolve(picture, kernel):
    return conv2d(picture[None, None], kernel[None, None], np.zeros(1), 1, 0)[0, 0]


def conv2d(X, W, b, stride, padding):
    X = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = W.shape[2:]
    rows, columns = output_size(X.shape[2], height, stride, 0), output_size(X.shape[3], width, stride, 0)
    result = np.zeros((len(X), len(W), rows, columns))
    for n, k, i, j in np.ndindex(result.shape):
        window = X[n, :, i * stride : i * stride + height, j * stride : j * stride + width]
        result[n, k, i, j] = np.sum(window * W[k]) + b[k]
    return result


def max_pool(X, size, stride):
    return np.lib.stride_tricks.sliding_window_view(X, (size, size), axis=(2, 3))[:, :, ::stride, ::stride].max((4, 5))
