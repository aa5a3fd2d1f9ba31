"""Where the pixels of a picture go: the ways in which scripts lay pictures out for a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Where the pixels of a raw picture go: shape (h, w) or (h, w, c) to any other."""

    raw: tuple[int, ...]
    shape: tuple[int, ...]
    channels_first: bool = False
    pad: int = 0
    repeat: int = 1  # of the channels: grey pictures for a network that takes three colours

    @property
    def is_plain(self) -> bool:
        """Whether the pixels stay in their order."""
        return not (self.channels_first or self.pad or self.repeat > 1)

    def there(self, pictures: np.ndarray, border: float = 0.0) -> np.ndarray:
        """Lay out (n, *raw) as (n, *shape); `border` fills what is padded."""
        count = len(pictures)
        if self.is_plain:
            return pictures.reshape(count, *self.shape)
        pictures = pictures.reshape(count, *self.raw[:2], -1)
        if self.repeat > 1:
            pictures = np.repeat(pictures, self.repeat, axis=3)
        if self.pad:
            side = (self.pad, self.pad)
            pictures = np.pad(pictures, ((0, 0), side, side, (0, 0)), constant_values=border)
        if self.channels_first:
            pictures = np.moveaxis(pictures, 3, 1)
        return pictures.reshape(count, *self.shape)

    def back(self, rows: np.ndarray) -> np.ndarray:
        """Return (n, *raw) from (n, *shape)."""
        count = len(rows)
        if self.is_plain:
            return rows.reshape(count, *self.raw)
        height = self.raw[0] + 2 * self.pad
        width = self.raw[1] + 2 * self.pad
        if self.channels_first:
            rows = np.moveaxis(rows.reshape(count, -1, height, width), 1, 3)
        rows = rows.reshape(count, height, width, -1)[..., :: self.repeat]
        inner = slice(self.pad, -self.pad or None)
        return rows[:, inner, inner].reshape(count, *self.raw)

    def border(self, rows: np.ndarray) -> float:
        """Return what pictures were padded with."""
        return float(rows[0].flat[0]) if self.pad else 0.0


def layouts(raw: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[Layout]:
    """Yield the ways to bring a raw picture into a shape, the plainest first."""
    if np.prod(raw) == np.prod(shape):
        yield Layout(raw, shape)
        if len(raw) == 3 and raw[2] > 1:
            yield Layout(raw, shape, channels_first=True)
        return
    if len(shape) not in (2, 3):
        return
    height, width, depth = (*shape, 1)[:3]
    yield from padded(raw, shape, (height, width, depth), channels_first=False)
    if len(shape) == 3:
        depth, height, width = shape
        yield from padded(raw, shape, (height, width, depth), channels_first=True)


def padded(
    raw: tuple[int, ...],
    shape: tuple[int, ...],
    sides: tuple[int, int, int],
    *,
    channels_first: bool,
) -> Iterator[Layout]:
    """Yield the layout that pads a picture to a height and width and repeats its channels.

    Nothing is yielded where the sides do not fit: the same padding on all of them, and as many
    channels as before or three.
    """
    height, width, depth = sides
    channels = raw[2] if len(raw) == 3 else 1
    pad, rest = divmod(height - raw[0], 2)
    if rest or pad < 0 or width - raw[1] != 2 * pad:
        return
    if depth in (channels, 3) and depth % channels == 0:
        yield Layout(raw, shape, channels_first, pad, depth // channels)
