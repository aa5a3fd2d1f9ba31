"""Cases and right answers for `convolution`: filters that slide over pictures, and max-pooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size + 2 * padding - kernel) // stride + 1


def convolve(picture: Array, kernel: Array) -> Array:
    return np.einsum("hwij,ij->hw", sliding_window_view(picture, kernel.shape), kernel)


def windows(X: Array, height: int, width: int, stride: int) -> Array:
    """Return every window of the pictures, shape (n, c, rows, columns, height, width)."""
    return sliding_window_view(X, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]


def padded(X: Array, padding: int, mode: str = "constant") -> Array:
    sides = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    return np.pad(X, sides) if mode == "constant" else np.pad(X, sides, mode="edge")


def conv2d(X: Array, W: Array, b: Array, stride: int, padding: int) -> Array:
    seen = windows(padded(X, padding), *W.shape[2:], stride)
    return np.einsum("nchwij,kcij->nkhw", seen, W, optimize=True) + b[:, None, None]


def max_pool(X: Array, size: int, stride: int) -> Array:
    return windows(X, size, size, stride).max(axis=(4, 5))


def even_sizes(draw: np.random.Generator) -> Iterator[Case]:
    yield 4, 2, 1, 0
    yield 28, 3, 1, 1
    yield 7, 3, 2, 0
    for _ in range(5):
        result, stride, padding = (int(value) for value in draw.integers([2, 1, 0], [20, 4, 4]))
        kernel = int(draw.integers(2 * padding + 1, 2 * padding + 6))
        yield (result - 1) * stride + kernel - 2 * padding, kernel, stride, padding


def uneven_sizes(draw: np.random.Generator) -> Iterator[Case]:
    yield 5, 2, 2, 0
    yield 32, 5, 2, 2
    for stride in (2, 3, 4):
        size, padding = int(draw.integers(10, 60)), int(draw.integers(1, 3))
        kernel = 3 + (size + 2 * padding - 3 - int(draw.integers(1, stride))) % stride
        yield size, kernel, stride, padding


def pictures(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 9.0], [0.0, 9.0, 9.0, 9.0]]),
        np.array([[-1.0, 1.0], [-1.0, 1.0]]),
    )
    for h, w, kh, kw in ((4, 5, 2, 3), (6, 4, 3, 2), (9, 7, 3, 3), (12, 8, 5, 4)):
        yield draw.normal(size=(h, w)), draw.normal(size=(kh, kw))


def unusual_pictures(draw: np.random.Generator) -> Iterator[Case]:
    for h, w, kh, kw in ((2, 3, 1, 1), (3, 2, 3, 2), (3, 4, 1, 3), (5, 3, 4, 1)):
        yield draw.normal(size=(h, w)), draw.normal(size=(kh, kw))


def layer(draw: np.random.Generator, *sizes: int) -> Case:
    """Return X, W and b. Every bias is away from 0, so that leaving it out shows."""
    n, c, h, w, k, kh, kw = sizes
    b = draw.uniform(0.3, 1.0, size=k) * draw.choice([-1.0, 1.0], size=k)
    return draw.normal(size=(n, c, h, w)), draw.normal(size=(k, c, kh, kw)), b


def layers(draw: np.random.Generator) -> Iterator[Case]:
    yield *layer(draw, 1, 1, 3, 4, 1, 2, 2), 1, 0
    for sizes in (
        (2, 3, 4, 5, 2, 2, 3),
        (1, 2, 6, 5, 4, 3, 3),
        (3, 2, 5, 7, 4, 1, 1),
        (4, 3, 9, 8, 5, 4, 3),
    ):
        yield *layer(draw, *sizes), 1, 0


def padded_layers(draw: np.random.Generator) -> Iterator[Case]:
    yield *layer(draw, 1, 1, 3, 4, 1, 3, 3), 1, 1
    for sizes, padding in (
        ((2, 2, 4, 5, 3, 3, 3), 1),
        ((1, 3, 5, 4, 2, 2, 3), 1),
        ((2, 1, 6, 7, 3, 5, 5), 2),
    ):
        yield *layer(draw, *sizes), 1, padding


def strided_layers(draw: np.random.Generator) -> Iterator[Case]:
    yield *layer(draw, 1, 1, 4, 5, 1, 2, 2), 2, 0
    for sizes, stride, padding in (
        ((2, 2, 6, 5, 3, 2, 3), 2, 0),
        ((2, 3, 7, 8, 4, 3, 3), 2, 1),
        ((1, 2, 9, 10, 3, 3, 2), 3, 1),
        ((3, 1, 8, 6, 2, 5, 5), 4, 2),
    ):
        yield *layer(draw, *sizes), stride, padding


def large_layer(draw: np.random.Generator) -> Iterator[Case]:
    yield *layer(draw, 32, 16, 48, 48, 32, 3, 3), 1, 1


def pooled(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[[[1.0, 3.0, 0.0, 2.0], [5.0, 2.0, 1.0, 1.0]]]]), 2, 2
    for (n, c, h, w), size in (((2, 3, 4, 6), 2), ((1, 2, 9, 6), 3), ((3, 4, 8, 12), 4)):
        yield draw.uniform(0.0, 10.0, size=(n, c, h, w)), size, size


def pooled_otherwise(draw: np.random.Generator) -> Iterator[Case]:
    for shape, size, stride in (
        ((1, 1, 4, 5), 3, 1),
        ((2, 2, 5, 7), 2, 2),
        ((1, 3, 8, 9), 3, 2),
        ((2, 2, 9, 8), 2, 3),
    ):
        yield draw.uniform(0.0, 10.0, size=shape), size, stride


def pooled_below_zero(draw: np.random.Generator) -> Iterator[Case]:
    for shape, size, stride in (((1, 1, 2, 4), 2, 2), ((2, 3, 6, 4), 2, 2), ((1, 2, 7, 5), 3, 2)):
        yield -draw.uniform(1.0, 10.0, size=shape), size, stride


def convolved_with(
    *,
    flip: bool = False,
    bias: bool = True,
    pad: str = "constant",
    rows_only: bool = False,
    channels: str = "summed",
) -> Any:
    """Return conv2d with something changed."""

    def wrong(X: Array, W: Array, b: Array, stride: int, padding: int) -> Array:
        around = X if pad == "none" else padded(X, padding, pad)
        if pad == "one side":
            around = np.pad(X, ((0, 0), (0, 0), (padding, 0), (padding, 0)))
        if pad == "one short":
            sides = (padding, max(padding - 1, 0))
            around = np.pad(X, ((0, 0), (0, 0), sides, sides))
        seen = windows(around, *W.shape[2:], 1)[:, :, ::stride, :: 1 if rows_only else stride]
        filters = W[:, :, ::-1, ::-1] if flip else W
        if channels == "first":
            seen, filters = seen[:, :1], filters[:, :1]
        result = np.einsum("nchwij,kcij->nkhw", seen, filters, optimize=True)
        if channels == "averaged":
            result = result / W.shape[1]
        return result + b[:, None, None] * bias

    return wrong


def added_for_each_channel(X: Array, W: Array, b: Array, stride: int, padding: int) -> Array:
    return conv2d(X, W, b * X.shape[1], stride, padding)


def pooled_to_the_border(X: Array, size: int, stride: int) -> Array:
    """Return max_pool with the windows kept that stick out on the right or at the bottom."""
    short = [-(X.shape[axis] - size) % stride for axis in (2, 3)]
    return max_pool(
        np.pad(X, ((0, 0), (0, 0), (0, short[0]), (0, short[1])), constant_values=-np.inf),
        size,
        stride,
    )


FUNCTIONS = [
    Function(
        name="output_size",
        answer=output_size,
        groups=[
            Group("typical", even_sizes, "the last window ends where the picture ends"),
            Group("uneven", uneven_sizes, "some rows are left over at the end"),
        ],
        mistakes={
            "the padding was counted on one side only": lambda size, kernel, stride, padding: (
                output_size(size + padding, kernel, stride, 0)
            ),
            "the first window was not counted: 1 is missing": lambda *case: output_size(*case) - 1,
            "the padding was left out": lambda size, kernel, stride, padding: output_size(
                size, kernel, stride, 0
            ),
            "the stride was left out": lambda size, kernel, stride, padding: output_size(
                size, kernel, 1, padding
            ),
            "a window that sticks out at the end was counted: round down": (
                lambda size, kernel, stride, padding: (
                    -(-(size + 2 * padding - kernel) // stride) + 1
                )
            ),
            "what is left was not rounded down to a whole number": (
                lambda size, kernel, stride, padding: (size + 2 * padding - kernel) / stride + 1
            ),
            "the size was divided by the stride before the kernel was taken off": (
                lambda size, kernel, stride, padding: (size + 2 * padding) // stride - kernel + 1
            ),
        },
    ),
    Function(
        name="convolve",
        answer=convolve,
        axes=("h w", "i j"),
        groups=[
            Group("typical", pictures, "pictures of 3 by 4 to 12 by 8"),
            Group(
                "edge",
                unusual_pictures,
                "a kernel of one number, of one row, as large as the picture",
            ),
        ],
        mistakes={
            "the kernel was turned upside down and left to right before sliding": (
                lambda picture, kernel: convolve(picture, kernel[::-1, ::-1])
            ),
            "the sums were divided by the number of products": lambda picture, kernel: (
                convolve(picture, kernel) / kernel.size
            ),
            "the picture was surrounded by zeros: no padding was asked for": (
                lambda picture, kernel: convolve(
                    np.pad(picture, [(side // 2, (side - 1) // 2) for side in kernel.shape]), kernel
                )
            ),
            "the kernel moved on by its own size, not by 1": lambda picture, kernel: convolve(
                picture, kernel
            )[:: kernel.shape[0], :: kernel.shape[1]],
            "the last row and the last column are missing": lambda picture, kernel: convolve(
                picture, kernel
            )[:-1, :-1],
            "rows and columns changed places": lambda picture, kernel: convolve(picture, kernel).T,
            "the window was added up, the kernel left out": lambda picture, kernel: convolve(
                picture, np.ones_like(kernel)
            ),
        },
    ),
    Function(
        name="conv2d",
        answer=conv2d,
        axes=("n c h w", "k c i j", "k", "", ""),
        groups=[
            Group("typical", layers, "stride 1, no padding"),
            Group("padding", padded_layers, "zeros around the pictures"),
            Group("stride", strided_layers, "strides of 2 to 4, with and without padding"),
            Group(
                "large",
                large_layer,
                "32 pictures of 16 channels, 48 by 48: two million numbers come out",
            ),
        ],
        mistakes={
            "the filters were turned upside down and left to right before sliding": convolved_with(
                flip=True
            ),
            "the bias was left out": convolved_with(bias=False),
            "the bias was added once for each channel": added_for_each_channel,
            "the padding was left out": convolved_with(pad="none"),
            "the padding was added on one side only": convolved_with(pad="one side"),
            "one row and one column of padding are missing at the end": convolved_with(
                pad="one short"
            ),
            "the padding repeats the border; it should be zeros": convolved_with(pad="edge"),
            "the last window of each row and column was not counted: 1 is missing": (
                lambda *case: conv2d(*case)[:, :, :-1, :-1]
            ),
            "the stride was left out": lambda X, W, b, stride, padding: conv2d(X, W, b, 1, padding),
            "the stride was used for the rows only": convolved_with(rows_only=True),
            "the channels were averaged, not summed": convolved_with(channels="averaged"),
            "only the first channel was used": convolved_with(channels="first"),
            "the filters came out as the last axis, not the second": lambda *case: np.moveaxis(
                conv2d(*case), 1, -1
            ),
            "rows and columns changed places": lambda *case: conv2d(*case).swapaxes(2, 3),
        },
    ),
    Function(
        name="max_pool",
        answer=max_pool,
        axes=("n c h w", "", ""),
        groups=[
            Group("typical", pooled, "windows side by side"),
            Group(
                "overlap",
                pooled_otherwise,
                "windows that overlap, leave gaps or leave a border over",
            ),
            Group("negative", pooled_below_zero, "numbers below zero"),
        ],
        mistakes={
            "the mean was taken, not the largest": lambda X, size, stride: windows(
                X, size, size, stride
            ).mean((4, 5)),
            "the smallest was taken, not the largest": lambda X, size, stride: windows(
                X, size, size, stride
            ).min((4, 5)),
            "windows below zero gave 0: do not begin with 0": lambda X, size, stride: np.maximum(
                max_pool(X, size, stride), 0.0
            ),
            "the stride was left out: windows lay side by side": lambda X, size, stride: max_pool(
                X, size, size
            ),
            "the window moved on by 1, not by the stride": lambda X, size, stride: max_pool(
                X, size, 1
            ),
            "the windows have the size of the stride": lambda X, size, stride: max_pool(
                X, stride, stride
            ),
            "the last window of each row and column was not counted: 1 is missing": (
                lambda X, size, stride: max_pool(X, size, stride)[:, :, :-1, :-1]
            ),
            "windows that stick out at the border were kept": pooled_to_the_border,
            "the largest of all channels was taken": lambda X, size, stride: max_pool(
                X, size, stride
            ).max(axis=1, keepdims=True),
            "rows and columns changed places": lambda *case: max_pool(*case).swapaxes(2, 3),
        },
    ),
]
