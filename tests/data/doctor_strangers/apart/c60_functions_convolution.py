# task: convolution
# mistake: none
# resembles: padding
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def output_size(size, kernel, stride, padding):
    return (size + padding + padding - kernel) // stride + 1


def convolve(picture, kernel):
    return np.einsum("ijkl,kl->ij", sliding_window_view(picture, kernel.shape), kernel)


def conv2d(X, W, b, stride, padding):
    wide = np.pad(X, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    v = sliding_window_view(wide, W.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijkl,fckl->nfij", v, W) + b.reshape(1, -1, 1, 1)


def max_pool(X, size, stride):
    return sliding_window_view(X, (size, size), (2, 3))[:, :, ::stride, ::stride].max((4, 5))
