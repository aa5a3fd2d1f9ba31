# task: convolution
# mistake: other
# line: -(-(
# says: left out | too many | stick out | window | floor
import numpy as np


def output_size(size, kernel, stride, padding):
    return (size - kernel + 2 * padding) // stride + 1


def convolve(picture, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def conv2d(X, W, b, stride, padding):
    p = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(p, W.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("nchwij,kcij->nkhw", windows, W) + b[:, None, None]


def max_pool(X, size, stride):
    n, c, h, w = X.shape
    rows, cols = -(-(h - size) // stride) + 1, -(-(w - size) // stride) + 1
    out = np.zeros((n, c, rows, cols))
    for i in range(rows):
        for j in range(cols):
            out[:, :, i, j] = X[:, :, i * stride:i * stride + size, j * stride:j * stride + size].max(axis=(2, 3))
    return out
