"""Pictures that data sets generate: patterns for stand-ins, and copies of real ones that a person
would label the same.
"""

from __future__ import annotations

import numpy as np

BRIGHTNESS = 0.10
NOISE = 0.04  # of a pixel's own value, standard deviation
PATTERN_CELL = 4  # pixels of a side that share one grey level in a generated pattern

Split = tuple[np.ndarray, np.ndarray]


def blobs(
    draw: np.random.Generator,
    shape: tuple[int, ...],
    num_classes: int,
    train: int,
    hidden: int,
    noise: float = 40.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return generated pictures: one coarse pattern a class, plus noise.

    shape: of one picture, (h, w) or (h, w, 3). train, hidden: how many pictures of each.
    Returns train inputs uint8 (train, *shape) and labels int64 (train,), then the hidden ones.
    """
    patterns = coarse_patterns(draw, shape, num_classes)

    def make(count: int) -> Split:
        labels = np.arange(count, dtype=np.int64) % num_classes
        draw.shuffle(labels)
        images = patterns[labels] + draw.normal(0, noise, size=(count, *shape))
        return np.clip(images, 0, 255).astype(np.uint8), labels

    return (*make(train), *make(hidden))


def coarse_patterns(
    draw: np.random.Generator, shape: tuple[int, ...], num_classes: int
) -> np.ndarray:
    """Return one pattern of cells a class, float64 (num_classes, *shape)."""
    height, width = shape[:2]
    cells = (max(1, height // PATTERN_CELL), max(1, width // PATTERN_CELL))
    patterns = draw.uniform(0, 255, size=(num_classes, *cells, *shape[2:]))
    for axis, side in ((1, height), (2, width)):
        repeats = -(-side // patterns.shape[axis])
        patterns = np.repeat(patterns, repeats, axis=axis)
    return patterns[:, :height, :width]


def brightness_and_noise(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return perturbed copies: another brightness for each picture (up to 10 %) and a little noise
    on every pixel that is not black.

    Gentle on purpose: an honest model answers the copies about as well as the originals, a table of
    known pictures does not know them. Black stays black: many people divide each pixel by its
    spread over the training set, and where a corner is always black, one grey level there would
    count for more than the whole digit.
    """
    one_each = (len(inputs), *([1] * (inputs.ndim - 1)))
    factors = draw.uniform(1 - BRIGHTNESS, 1 + BRIGHTNESS, size=one_each)
    perturbed = inputs * (factors + draw.normal(0, NOISE, size=inputs.shape))
    return np.clip(np.round(perturbed), 0, 255).astype(np.uint8)
