"""Copies of pictures that a person reads the same, each bent and moved a little in its own way.

Where a task asks changed copies of its hidden pictures ([hidden] changed), this is how they change,
anew in every run: each is turned by up to 1.5 degrees, made up to 1.5 % larger or smaller and
sheared as much along each side, moved by up to 0.8 % of its side, bent by a coarse field of random
steps, and made up to 5 % lighter or darker. So no picture is known beforehand to the bit, and a
table of checksums knows none of them. What honest models lose is measured by `python -m benchmarks
hidden_changes` and stands in docs/measure/measuring.md. Twice as strong, a network with one hidden
layer lost 0.9 points on MNIST, which learners would ask about.

A pixel is read between its four neighbours (bilinear), so that 10,000 pictures of 28 by 28 pixels
take less than a second; beyond the border, the border's pixels go on. Small moves keep most of a
picture's sharpness: a move by half a pixel, where blurring is worst, is rare.
"""

from __future__ import annotations

import math

import numpy as np

TURN = math.radians(1.5)
STRETCH = 0.015  # of its size, along each side; and for shearing
MOVE = 0.008  # of the side
BEND = 0.004  # of the side, standard deviation of the field's steps
FIELD = 4  # steps along each side of the field
LIGHT = 0.05
CHUNK = 1000  # pictures at once, so that what is computed stays in the processor's cache


def warped(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return changed copies, uint8 of the same shape: (n, h, w) or (n, h, w, 3)."""
    parts = [
        warped_chunk(pictures[start : start + CHUNK], draw)
        for start in range(0, len(pictures), CHUNK)
    ]
    return np.concatenate(parts) if parts else pictures.copy()


def warped_chunk(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    count, height, width = pictures.shape[:3]
    rows, columns = places(count, height, width, draw)
    read = between_neighbours(pictures.reshape(count, height, width, -1), rows, columns)
    light = draw.uniform(1 - LIGHT, 1 + LIGHT, size=(count, 1, 1, 1)).astype(np.float32)
    read *= light
    read += 0.5  # rounded, once it is cut off
    rounded: np.ndarray = np.clip(read, 0, 255).astype(np.uint8)
    return rounded.reshape(pictures.shape)


def places(
    count: int, height: int, width: int, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each pixel of each copy is read, as rows and columns, float32 (count, h, w)."""
    down = np.arange(height, dtype=np.float32) - (height - 1) / 2
    right = np.arange(width, dtype=np.float32) - (width - 1) / 2
    turn = draw.uniform(-TURN, TURN, size=(count, 1, 1))
    stretch = 1 + draw.uniform(-STRETCH, STRETCH, size=(4, count, 1, 1))
    move = draw.uniform(-MOVE, MOVE, size=(2, count, 1, 1))
    shear = stretch[2:] - 1
    cos = np.cos(turn)
    sin = np.sin(turn)
    along_rows = (cos * stretch[0], sin + shear[0], move[0] * height + (height - 1) / 2)
    along_columns = (shear[1] - sin, cos * stretch[1], move[1] * width + (width - 1) / 2)
    found = []
    for (by_row, by_column, shift), side in ((along_rows, height), (along_columns, width)):
        steps = draw.normal(0, BEND * side, size=(count, FIELD, FIELD)).astype(np.float32)
        bend = enlarged(height) @ steps @ enlarged(width).T
        straight = by_row.astype(np.float32) * down[:, None] + by_column.astype(np.float32) * right
        found.append(straight + shift.astype(np.float32) + bend)
    return found[0], found[1]


def enlarged(side: int) -> np.ndarray:
    """Return the matrix that enlarges FIELD steps to a side, float32 (side, FIELD).

    Between two steps it goes straight from one to the other.
    """
    at = np.linspace(0, FIELD - 1, side, dtype=np.float32)[:, None]
    weights: np.ndarray = np.maximum(0, 1 - np.abs(at - np.arange(FIELD, dtype=np.float32)))
    return weights


def between_neighbours(pictures: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return pictures (n, h, w, c) read at places between their pixels, float32 (n, h, w, c)."""
    count, height, width, colours = pictures.shape
    rows = np.clip(rows, 0, height - 1)
    columns = np.clip(columns, 0, width - 1)
    above = np.minimum(rows.astype(np.int32), height - 2)
    left = np.minimum(columns.astype(np.int32), width - 2)
    lower = (rows - above)[..., None]
    further = (columns - left)[..., None]
    flat = pictures.reshape(-1, colours).astype(np.float32)
    first = np.arange(count, dtype=np.int32)[:, None, None] * (height * width)
    corner = first + above * width + left
    upper_left = flat[corner]
    lower_left = flat[corner + width]
    upper = upper_left + further * (flat[corner + 1] - upper_left)
    below = lower_left + further * (flat[corner + width + 1] - lower_left)
    read: np.ndarray = upper + lower * (below - upper)
    return read
