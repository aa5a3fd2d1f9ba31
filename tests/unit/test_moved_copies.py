"""Copies of training pictures that were turned, moved, stretched, bent or drawn thicker."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from grader.metrics import moved_copies

SIDE = 28
KNOWN = 400
ASKED = 60


def drawn(draw: np.random.Generator, count: int) -> np.ndarray:
    """Return pictures of a crooked line each, uint8 (count, SIDE, SIDE)."""
    pictures = np.zeros((count, SIDE, SIDE), dtype=np.float32)
    steps = np.linspace(0, 1, 120)
    for picture in pictures:
        corners = draw.uniform(6, 21, size=(5, 2))
        for axis in (0, 1):
            corners[:, axis] = ndimage.gaussian_filter1d(corners[:, axis], 0.4)
        places = np.linspace(0, 1, len(corners))
        rows = np.interp(steps, places, corners[:, 0]).round().astype(int)
        columns = np.interp(steps, places, corners[:, 1]).round().astype(int)
        picture[rows, columns] = 1
    soft = ndimage.gaussian_filter(pictures, (0, 0.9, 0.9))
    return np.clip(soft * 500, 0, 255).astype(np.uint8)


def seen(pictures: np.ndarray) -> np.ndarray:
    """Return what a network that sees coarsely would make of pictures."""
    coarse = ndimage.gaussian_filter(pictures.astype(np.float32), (0, 2, 2))[:, ::4, ::4]
    return coarse.reshape(len(pictures), -1)


def turned(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    angles = draw.uniform(4, 9, size=len(pictures)) * draw.choice([-1, 1], size=len(pictures))
    each = zip(pictures, angles, strict=True)
    return np.stack([ndimage.rotate(p, angle, reshape=False, order=1) for p, angle in each])


def stretched(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    copies = []
    for picture in pictures:
        matrix = np.eye(2) + draw.uniform(-0.08, 0.08, size=(2, 2))
        offset = 13.5 - matrix @ np.full(2, 13.5) + draw.uniform(-1, 1, size=2)
        copies.append(ndimage.affine_transform(picture, matrix, offset, order=1))
    return np.stack(copies)


def thicker(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    spread = ndimage.grey_dilation(turned(pictures, draw), size=(1, 2, 2))
    return np.clip(spread, 0, 255).astype(np.uint8)


def bent(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    copies = []
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    for picture in pictures:
        bends = ndimage.gaussian_filter(draw.normal(size=(2, SIDE, SIDE)), (0, 6, 6))
        bends *= 0.6 / bends.std()
        places = [rows + bends[0], columns + bends[1]]
        copies.append(ndimage.map_coordinates(picture, places, order=1))
    return np.stack(copies)


def unchanged(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    return pictures


def standing_out(pictures: np.ndarray, known: np.ndarray) -> np.ndarray:
    return moved_copies.standing_out(pictures, seen(pictures), known, seen(known))


@pytest.mark.parametrize("change", [unchanged, turned, stretched, thicker, bent])
def test_a_changed_copy_stands_out_as_no_new_picture_does(
    change: Callable[[np.ndarray, np.random.Generator], np.ndarray],
) -> None:
    draw = np.random.default_rng(0)
    known = drawn(draw, KNOWN)
    new = standing_out(drawn(draw, ASKED), known)
    copies = standing_out(change(known[:ASKED], draw), known)
    usual = np.percentile(new, 2)
    assert np.mean(copies < usual) > 0.7
    assert np.median(new) > 0.6


def test_what_is_plain_fits_several_and_stands_out_from_none() -> None:
    """A generator of nothing but upright lines is poor, and no copyist."""
    draw = np.random.default_rng(1)
    known = drawn(draw, KNOWN)
    for place in range(KNOWN // 4):
        known[place] = 0
        left = int(draw.integers(10, 17))
        known[place, 5:23, left : left + 3] = int(draw.integers(200, 256))
    lines = np.zeros((20, SIDE, SIDE), dtype=np.uint8)
    lines[:, 5:23, 12:15] = 230
    assert standing_out(lines, known).min() > 0.9


def test_with_too_few_to_compare_nothing_stands_out() -> None:
    known = drawn(np.random.default_rng(2), moved_copies.FEWEST - 1)
    assert standing_out(known[:3], known).tolist() == [1, 1, 1]
