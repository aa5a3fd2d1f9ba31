"""Is a picture one particular training picture, turned, moved, stretched, bent or drawn thicker?

A copy that was changed so is as far from its original, pixel by pixel, as an honest new picture is
from its nearest neighbour. So each picture is laid over its likeliest originals first: these are
moved, turned, stretched, made thicker or fainter and bent a little until they fit best, and what
then differs is what counts. Small moves are taken as sums of slopes, as in tangent distance
(P. Simard, Y. LeCun, J. Denker, "Efficient pattern recognition using a new transformation
distance", NeurIPS 1992), and solved for by least squares.

What is returned is a ratio: the best fit over the mean of the next three. A copy fits one original
and no other (MNIST, copies turned by up to 8 degrees: median 0.19); a new digit fits several about
equally well (hidden digits: median 0.89). A ratio asks nothing of how plain a digit is, so that a
generator that draws nothing but straight ones is not taken for one that copies.
"""

from __future__ import annotations

import numpy as np

from grader.metrics.generation import BLOCK, squared_distances

EACH_VIEW = 7  # originals that each view proposes
FEWEST = 2 * EACH_VIEW  # known pictures
ROUNDING = 0.02  # misfit that interpolation alone leaves: fits better than this are equally good
COMPARED = 3  # fits behind the best that it is compared with
STEPS = 3  # in which an original is moved
PAIRS = 400  # laid over each other at once: their slopes take 50 MB
BLUR = 1.0  # pixels; slopes of sharp edges say little about where an edge goes
BLUR_REACH = 3  # pixels to each side
POOL = 2  # pixels of a side that become one where all training pictures are looked at
WIDE = 3.5  # a standard picture's spread to the sides and to above and below, in pixels
HIGH = 5.0
MOST_STRETCH = 0.3  # so far an original may be stretched, turned or slanted, as a share
MOST_MOVE = 3.0  # pixels
# How little each change is expected: its usual size. Ridge regression needs it, for a fit with so
# many free numbers would follow any picture anywhere.
RIDGE = 0.02  # of the squared brightness of a picture
USUAL_STRETCH = 0.15
USUAL_MOVE = 2.5  # pixels
USUAL_THICKNESS = 1.0  # slopes
USUAL_FADE = 0.5
USUAL_BEND = 1.0  # pixels
BENDS = 4  # places along each side at which a picture is bent
BEND_REACH = 4.5  # pixels around such a place
TINY = 1e-6


def standing_out(
    pictures: np.ndarray, features: np.ndarray, known: np.ndarray, known_features: np.ndarray
) -> np.ndarray:
    """Return how much better each picture fits one known picture than others, float32 (n,).

    pictures, known: uint8 (n, side, side) and (m, side, side); features of both: (n, d),
    (m, d). Near 0: it is that one, changed a little; near 1: it fits several as well. 1 where
    too few are known to compare with.
    """
    if len(known) < FEWEST:
        return np.ones(len(pictures), dtype=np.float32)
    standard = standardised(known)
    likely = np.concatenate(
        [
            nearest_few(features, known_features, EACH_VIEW),
            nearest_few(standardised(pictures), standard, EACH_VIEW),
        ],
        axis=1,
    )
    misfits = misfits_of(pictures, known, likely)
    misfits[is_repeated(likely)] = np.inf
    ordered = np.sort(misfits, axis=1)
    compared: np.ndarray = ordered[:, 1 : 1 + COMPARED].mean(axis=1)
    found: np.ndarray = (ordered[:, 0] + ROUNDING) / (compared + ROUNDING)
    return found


def misfits_of(pictures: np.ndarray, known: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """Return what differs once known pictures were laid over each picture, float32 (n, k).

    likely: places in `known`, int64 (n, k).
    """
    count, choices = likely.shape
    found = np.empty((count, choices), dtype=np.float32)
    step = max(1, PAIRS // choices)
    for start in range(0, count, step):
        part = slice(start, start + step)
        targets = np.repeat(blurred(pictures[part]), choices, axis=0)
        originals = blurred(known[likely[part].reshape(-1)])
        found[part] = misfit(targets, originals).reshape(-1, choices)
    return found


def is_repeated(places: np.ndarray) -> np.ndarray:
    """Return which places (n, k) stand further left in their row already, bool (n, k)."""
    repeated = np.zeros(places.shape, dtype=bool)
    for column in range(1, places.shape[1]):
        repeated[:, column] = (places[:, :column] == places[:, [column]]).any(axis=1)
    return repeated


def nearest_few(queries: np.ndarray, references: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the `count` nearest references of each query, int64 (n, count)."""
    found = []
    step = max(1, BLOCK // 10)
    for start in range(0, len(queries), step):
        distances = squared_distances(queries[start : start + step], references)
        found.append(np.argpartition(distances, count - 1, axis=1)[:, :count])
    return np.concatenate(found)


def blurred(pictures: np.ndarray) -> np.ndarray:
    """Return pictures (n, side, side) from 0 to 1 and a little out of focus, float32."""
    steps = np.arange(-BLUR_REACH, BLUR_REACH + 1)
    weights = np.exp(-0.5 * (steps / BLUR) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    found = pictures.astype(np.float32) / np.float32(255)
    for axis in (1, 2):
        widths = [(0, 0), (0, 0), (0, 0)]
        widths[axis] = (BLUR_REACH, BLUR_REACH)
        padded = np.pad(found, widths)
        count = found.shape[axis]
        found = np.zeros_like(found)
        for first, weight in enumerate(weights):
            found += weight * np.take(padded, range(first, first + count), axis=axis)
    return found


def coordinates(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each pixel lies below and right of the middle, float32 (side, side) each."""
    down, right = np.mgrid[0:side, 0:side].astype(np.float32) - np.float32((side - 1) / 2)
    return down, right


def standardised(pictures: np.ndarray) -> np.ndarray:
    """Return pictures moved to the middle, set upright and brought to one size.

    float32 (n, numbers). By their first and second moments: whatever turned, moved or stretched a
    picture is mostly taken back. They are looked at in a quarter of their pixels.
    """
    found = []
    for start in range(0, len(pictures), BLOCK):
        found.append(standardised_block(pooled(pictures[start : start + BLOCK])))
    return np.concatenate(found)


def pooled(pictures: np.ndarray) -> np.ndarray:
    """Return pictures with POOL by POOL pixels made one, from 0 to 1, float32."""
    count, side = pictures.shape[:2]
    small = side // POOL
    cells = pictures[:, : small * POOL, : small * POOL].reshape(count, small, POOL, small, POOL)
    means: np.ndarray = cells.mean(axis=(2, 4), dtype=np.float32) / np.float32(255)
    return means


def standardised_block(pictures: np.ndarray) -> np.ndarray:
    """Do the same for pictures, float32 (n, side, side)."""
    count, side = pictures.shape[:2]
    down, right = coordinates(side)
    mass = pictures.sum(axis=(1, 2)) + TINY
    middle_right = (pictures * right).sum(axis=(1, 2)) / mass
    middle_down = (pictures * down).sum(axis=(1, 2)) / mass
    to_right = right - middle_right[:, None, None]
    below = down - middle_down[:, None, None]
    wide = (pictures * to_right**2).sum(axis=(1, 2)) / mass
    high = (pictures * below**2).sum(axis=(1, 2)) / mass
    slant = (pictures * to_right * below).sum(axis=(1, 2)) / mass / (high + TINY)
    move = np.zeros((count, 2, 3), dtype=np.float32)
    move[:, 0, 0] = np.sqrt(np.maximum(wide - slant**2 * high, 0.1)) / (WIDE / POOL)
    move[:, 1, 1] = np.sqrt(np.maximum(high, 0.1)) / (HIGH / POOL)
    move[:, 0, 1] = slant * move[:, 1, 1]
    move[:, 0, 2] = middle_right
    move[:, 1, 2] = middle_down
    rows = moved(pictures, move).reshape(count, -1)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: np.ndarray = rows / (lengths + TINY)
    return scaled


def moved(pictures: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Return pictures, float32 (n, side, side), looked up at other places; beyond them is black.

    move: for each, where its pixels come from, (n, 2, 3): right and down as sums of (right, down,
    1), from the middle.
    """
    count, side = pictures.shape[:2]
    down, right = coordinates(side)
    axes = move[:, :, :, None, None]
    middle = np.float32((side - 1) / 2)
    x = axes[:, 0, 0] * right + axes[:, 0, 1] * down + axes[:, 0, 2] + middle
    y = axes[:, 1, 0] * right + axes[:, 1, 1] * down + axes[:, 1, 2] + middle
    np.clip(x, -1, side, out=x)
    np.clip(y, -1, side, out=y)
    left = np.floor(x)
    top = np.floor(y)
    x -= left
    y -= top
    row = side + 3
    flat = np.pad(pictures, ((0, 0), (1, 2), (1, 2))).reshape(-1)
    first = np.arange(count, dtype=np.int32)[:, None, None] * np.int32(row * row)
    place = first + (top.astype(np.int32) + 1) * row + left.astype(np.int32) + 1
    above = flat[place] * (1 - x) + flat[place + 1] * x
    below = flat[place + row] * (1 - x) + flat[place + row + 1] * x
    found: np.ndarray = above * (1 - y) + below * y
    return found


def slopes(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how much brighter pictures get to the right and downwards, float32 (n, side, side)."""
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    to_right = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2
    downwards = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2
    return to_right, downwards


def misfit(targets: np.ndarray, originals: np.ndarray) -> np.ndarray:
    """Return what is left between targets and originals laid over them, as a share, float32 (n,).

    Both blurred, float32 (n, side, side), a pair a row.
    """
    count = len(targets)
    move = np.zeros((count, 2, 3), dtype=np.float32)
    move[:, 0, 0] = 1
    move[:, 1, 1] = 1
    for _ in range(STEPS):
        here = moved(originals, move)
        changes, usual = moves_of(here)
        size, _ = fitted(targets - here, changes, usual, targets)
        move += size[:, :6].reshape(-1, 2, 3)
        keep_small(move)
    here = moved(originals, move)
    changes, usual = bends_of(here)
    _, left = fitted(targets - here, changes, usual, targets)
    brightness = np.linalg.norm(targets.reshape(count, -1), axis=1)
    shares: np.ndarray = np.linalg.norm(left, axis=1) / (brightness + TINY)
    return shares


def keep_small(move: np.ndarray) -> None:
    """Hold moves (n, 2, 3) within what is still the same picture."""
    still = np.eye(2, dtype=np.float32)
    move[:, :, :2] = still + np.clip(move[:, :, :2] - still, -MOST_STRETCH, MOST_STRETCH)
    move[:, :, 2] = np.clip(move[:, :, 2], -MOST_MOVE, MOST_MOVE)


def moves_of(pictures: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Return how pictures change when they are moved as a whole, and the usual size of each change.

    Changes: float32 (n, changes, side * side); the first six are those of `moved`.
    """
    down, right = coordinates(pictures.shape[1])
    to_right, downwards = slopes(pictures)
    changes = []
    for slope in (to_right, downwards):
        changes += [slope * right, slope * down, slope]
    changes += [np.hypot(to_right, downwards), pictures]
    usual = [USUAL_STRETCH, USUAL_STRETCH, USUAL_MOVE] * 2 + [USUAL_THICKNESS, USUAL_FADE]
    return as_rows(changes), usual


def bends_of(pictures: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Return how pictures change when they are bent in places, thickened or faded; as above."""
    side = pictures.shape[1]
    down, right = coordinates(side)
    to_right, downwards = slopes(pictures)
    changes = [np.hypot(to_right, downwards), pictures]
    places = (np.arange(BENDS) - (BENDS - 1) / 2) * (side - 4) / BENDS
    for x in places:
        for y in places:
            near = np.exp(-0.5 * ((right - x) ** 2 + (down - y) ** 2) / BEND_REACH**2)
            weight = near.astype(np.float32)
            changes += [to_right * weight, downwards * weight]
    usual = [USUAL_THICKNESS, USUAL_FADE] + [USUAL_BEND] * (len(changes) - 2)
    return as_rows(changes), usual


def as_rows(changes: list[np.ndarray]) -> np.ndarray:
    """Return changes, each (n, side, side), as float32 (n, changes, side * side)."""
    count = len(changes[0])
    return np.stack(changes, axis=1).reshape(count, len(changes), -1)


def fitted(
    gaps: np.ndarray, changes: np.ndarray, usual: list[float], targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how much of each change closes the gaps best, (n, changes), and the gaps left.

    gaps, targets: (n, side, side). Ridge regression: a change costs the more, the further it goes
    beyond its usual size.
    """
    rows = gaps.reshape(len(gaps), -1)
    brightness = np.square(targets.reshape(len(targets), -1)).sum(axis=1) + TINY
    cost = np.diag(1 / np.square(np.array(usual, dtype=np.float32)))
    products = changes @ changes.transpose(0, 2, 1)
    products += RIDGE * brightness[:, None, None] * cost
    wanted = changes @ rows[:, :, None]
    size = np.linalg.solve(products, wanted)[:, :, 0]
    left: np.ndarray = rows - (size[:, None, :] @ changes)[:, 0]
    return size, left
