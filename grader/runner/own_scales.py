"""Pictures that are scaled each by itself: to length one, to its own range, to mean 0 and spread 1.

`keras.utils.normalize(x, axis=1)`, scikit-learn's `normalize` and
`tf.image.per_image_standardization` divide a picture by figures of its own, so no one scale and
shift makes a model's inputs of raw pictures (`forms`). Each of these maps changes nothing the
second time. That tells them from the rows alone, before any row is looked up among the pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .layouts import Layout

Numbers = np.ndarray
Scale = Callable[[Numbers], Numbers]
TOLERANCE = 2e-3  # of values, which are about one here
TINY = 1e-12


@dataclass(frozen=True)
class OwnForm:
    """Raw pictures -> a model's inputs: each scaled by itself, then rearranged."""

    scale: Scale
    layout: Layout
    dtype: np.dtype

    def __call__(self, batch: Numbers) -> Numbers:
        scaled = self.scale(batch.astype(np.float32))
        return self.layout.there(scaled.astype(self.dtype, copy=False), 0.0)


def scale_of(values: Numbers) -> Scale | None:
    """Return the map that leaves all these pictures (n, h, w[, c]) as they are; None without one.

    Pictures of one value only tell nothing.
    """
    for scale in scales(values.ndim):
        if np.abs(scale(values) - values).max() <= TOLERANCE:
            return scale
    return None


def scales(ndim: int) -> Iterator[Scale]:
    """Yield the maps that are known."""
    for axis in range(1, ndim):
        yield to_length_one((axis,))
    inner = tuple(range(1, ndim))
    yield to_length_one(inner)
    yield to_own_range(inner)
    yield standardised(inner)


def to_length_one(axes: tuple[int, ...]) -> Scale:
    """Return what divides by the root of the sum of squares over these axes; zeros stay."""

    def scale(pictures: Numbers) -> Numbers:
        length = np.sqrt((pictures**2).sum(axis=axes, keepdims=True))
        return pictures / np.where(length > TINY, length, 1.0)

    return scale


def to_own_range(axes: tuple[int, ...]) -> Scale:
    """Return what brings the smallest value of each picture to 0 and the largest to 1."""

    def scale(pictures: Numbers) -> Numbers:
        low = pictures.min(axis=axes, keepdims=True)
        high = pictures.max(axis=axes, keepdims=True)
        made: Numbers = (pictures - low) / np.where(high > low, high - low, 1.0)
        return made

    return scale


def standardised(axes: tuple[int, ...]) -> Scale:
    """Return what brings each picture to mean 0 and spread 1."""

    def scale(pictures: Numbers) -> Numbers:
        spread = pictures.std(axis=axes, keepdims=True)
        apart = pictures - pictures.mean(axis=axes, keepdims=True)
        made: Numbers = apart / np.where(spread > TINY, spread, 1.0)
        return made

    return scale
