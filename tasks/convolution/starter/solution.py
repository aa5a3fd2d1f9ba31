"""Convolution and pooling: the two layers that networks for pictures are made of."""

import numpy as np


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Return how many windows fit along one side of a picture.

    size: the picture's side;  kernel: the window's side;  stride: how far it moves at a time, 1 or
                               more
    padding: how many zeros stand before the picture, and as many behind it
    """
    raise NotImplementedError


def convolve(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide the kernel over the picture: each number is the sum of products of kernel and window.

    picture: one channel, shape (h, w);  kernel: shape (kh, kw), no larger than the picture
    Returns shape (h - kh + 1, w - kw + 1): stride 1, no padding. The kernel is not turned round.
    """
    raise NotImplementedError


def conv2d(X: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return a convolution layer's output, shape (n, k, rows, columns).

    X: n pictures of c channels, shape (n, c, h, w)
    W: k filters, each with a kernel for every channel, shape (k, c, kh, kw)
    b: one bias for each filter, shape (k,)
    stride: how far a filter moves at a time;  padding: how many zeros surround a picture on every
                                               side
    """
    raise NotImplementedError


def max_pool(X: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Return the largest number of each window, shape (n, c, rows, columns); every channel for
    itself.

    X: shape (n, c, h, w);  size: the window's side;  stride: how far it moves at a time
    Windows that would stick out on the right or below are left away.
    """
    raise NotImplementedError
