"""Right, written another way: windows copied into the rows of a matrix and one matrix product."""

import numpy as np


def output_size(size, kernel, stride, padding):
    return len(range(0, size + 2 * padding - kernel + 1, stride))


def rows_of_windows(X, height, width, stride):
    found = np.lib.stride_tricks.sliding_window_view(X, (height, width), axis=(2, 3))
    return np.moveaxis(found[:, :, ::stride, ::stride], 1, 3)


def convolve(picture, kernel):
    return conv2d(picture[None, None], kernel[None, None], np.zeros(1), 1, 0)[0, 0]


def conv2d(X, W, b, stride, padding):
    around = np.zeros((*X.shape[:2], X.shape[2] + 2 * padding, X.shape[3] + 2 * padding))
    around[:, :, padding : padding + X.shape[2], padding : padding + X.shape[3]] = X
    seen = rows_of_windows(around, *W.shape[2:], stride)
    n, rows, columns = seen.shape[:3]
    result = seen.reshape(n * rows * columns, -1) @ W.reshape(len(W), -1).T + b
    return result.reshape(n, rows, columns, -1).transpose(0, 3, 1, 2)


def max_pool(X, size, stride):
    seen = rows_of_windows(X, size, size, stride)
    return {"result": np.sort(seen.reshape(*seen.shape[:4], -1))[..., -1].transpose(0, 3, 1, 2)}
