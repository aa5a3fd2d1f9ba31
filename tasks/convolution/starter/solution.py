"""Convolution and pooling: the two layers that networks for pictures are made of."""

import numpy as np


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Return how many windows fit along one side of a picture.

    size: the side of the picture
    kernel: the side of the window
    stride: how far the window moves at a time, 1 or more
    padding: how many zeros are added in front of the picture, and as many again behind it
    """
    raise NotImplementedError


def convolve(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide the kernel over the picture and return the sum of products at each place.

    picture: one channel, shape (h, w)
    kernel: shape (kh, kw), no larger than the picture; it is not flipped

    The result has the shape (h - kh + 1, w - kw + 1): stride 1, no padding.
    """
    raise NotImplementedError


def conv2d(X: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return the output of a convolution layer, shape (n, k, rows, columns).

    X: n pictures of c channels, shape (n, c, h, w)
    W: k filters, each with one kernel per channel, shape (k, c, kh, kw)
    b: one bias per filter, shape (k,)
    stride: how far a filter moves at a time
    padding: how many zeros surround each picture on every side
    """
    raise NotImplementedError


def max_pool(X: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Return the largest number in each window, shape (n, c, rows, columns).

    X: n pictures of c channels, shape (n, c, h, w); each channel is pooled by itself
    size: the side of a window
    stride: how far the window moves at a time

    Windows that would stick out on the right or at the bottom are left out.
    """
    raise NotImplementedError
