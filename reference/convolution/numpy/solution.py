"""Convolution and max-pooling in NumPy, with a loop over the kernel's positions alone.

Claim: right in every group of cases, to a relative tolerance of 1e-7 in float64.
Evidence: `grader run reference/convolution/numpy --task convolution`: 100 points.
Machine: any; the largest case takes less than a second, and the limit is six.
"""

import numpy as np


def output_size(size, kernel, stride, padding):
    """Return how many windows fit: the first one, and one more for each stride that is left."""
    return (size + 2 * padding - kernel) // stride + 1


def shifted(X, height, width, stride):
    """Yield (i, j, what the number (i, j) of the kernel meets in every window)."""
    rows = output_size(X.shape[-2], height, stride, 0)
    columns = output_size(X.shape[-1], width, stride, 0)
    for i in range(height):
        for j in range(width):
            yield (
                i,
                j,
                X[..., i : i + stride * rows : stride, j : j + stride * columns : stride][
                    ..., :rows, :columns
                ],
            )


def convolve(picture, kernel):
    """Return the sum of shifted pictures, each times one number of the kernel."""
    return sum(kernel[i, j] * part for i, j, part in shifted(picture, *kernel.shape, 1))


def conv2d(X, W, b, stride, padding):
    """Return the output for all pictures and filters.

    A matrix product sums over the channels.
    """
    X = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = output_size(X.shape[2], W.shape[2], stride, 0)
    columns = output_size(X.shape[3], W.shape[3], stride, 0)
    result = np.zeros((len(X), len(W), rows * columns)) + b[:, None]
    for i, j, part in shifted(X, *W.shape[2:], stride):
        result += W[:, :, i, j] @ part.reshape(*X.shape[:2], rows * columns)
    return result.reshape(len(X), len(W), rows, columns)


def max_pool(X, size, stride):
    """Return the largest of the shifted pictures at each place."""
    return np.max([part for _, _, part in shifted(X, size, size, stride)], axis=0)
