"""From a generator's pictures to named numbers: how they compare with training pictures.

The box is asked nothing more: the graded pictures say enough. Each number is a comparison with
training pictures of the same task, so that it means the same for thin digits on black and for full
pictures. A generator that was never trained shows no likeness, one that is mapped to other grey
levels shows one, and a collapsed one repeats itself.
"""

from __future__ import annotations

import itertools

import numpy as np

from grader.doctor.evidence import Made
from grader.doctor.observables.curve import observe_trace
from grader.doctor.observables.numbers import TINY, Numbers, only_finite, relative
from grader.sandbox.training_trace import TrainingTrace

PICTURES: dict[str, str] = {
    "likeness": (
        "how much of the mean training picture is in the mean picture: 1 if all of it, 0 if nothing"
    ),
    "contrast": "spread of all grey levels, as a share of that of the training pictures",
    "darkest": "grey level that one pixel in a hundred is below",
    "training_darkest": "the same for the training pictures",
    "brightest": "grey level that one pixel in a hundred is above",
    "training_brightest": "the same for the training pictures",
    "commonest": "most common grey level",
    "training_commonest": "the same for the training pictures",
    "grey_levels": "different grey levels",
    "training_grey_levels": "the same for the training pictures",
    "middle_share": (
        "share of pixels that are neither among the darkest nor among the brightest tenth of grey"
        " levels"
    ),
    "training_middle_share": "the same for the training pictures",
    "roughness": (
        "change from pixel to pixel over the spread of grey levels, as a multiple of the training"
        " pictures'"
    ),
    "diversity": "mean distance of two pictures, as a share of that of two training pictures",
    "twin_distance": (
        "median distance to the most similar other picture, as a share of that of training pictures"
    ),
    "different_pictures": "pictures that are needed so that each of 200 is much like one of them",
    "inner_change": "mean change of grey level from one picture of a seed to the next one",
    "seed_change": "mean change of grey level from the pictures of a seed to those of another seed",
}
MEASURED_PICTURES = 2000  # whose mean and grey levels are looked at
COMPARED_PICTURES = 200  # of which every two are compared
PERCENT = 1.0
TENTH = 25.5
ALIKE = 0.35  # of the usual distance to the most similar training picture


def observe_generator(seen: Made, trace: TrainingTrace | None = None) -> Numbers:
    """Return every number that can be had, each finite."""
    if seen.pictures.size == 0 or seen.training.size == 0:
        return {}
    with np.errstate(all="ignore"):
        numbers = of_greys(seen) | of_variety(seen) | of_seeds(seen.pictures)
        numbers |= observe_trace(trace)
    return only_finite(numbers)


def of_greys(seen: Made) -> Numbers:
    """Return what the mean picture and the grey levels show."""
    made = spread_over(flat(seen), MEASURED_PICTURES)
    real = spread_over(seen.training, MEASURED_PICTURES)
    numbers: Numbers = {
        "likeness": likeness(made, real),
        "contrast": float(made.std() / max(TINY, real.std())),
        "roughness": relative(roughness(made), roughness(real)),
    }
    for name, value in grey_levels(made).items():
        numbers[name] = value
    for name, value in grey_levels(real).items():
        numbers[f"training_{name}"] = value
    return numbers


def grey_levels(pictures: np.ndarray) -> Numbers:
    """Return which grey levels pictures have, uint8 (n, height, width)."""
    counts = np.bincount(pictures.ravel(), minlength=256)
    is_middle = (pictures > TENTH) & (pictures < 255 - TENTH)
    return {
        "darkest": float(np.percentile(pictures, PERCENT)),
        "brightest": float(np.percentile(pictures, 100 - PERCENT)),
        "commonest": float(counts.argmax()),
        "grey_levels": float(np.count_nonzero(counts)),
        "middle_share": float(np.mean(is_middle)),
    }


def of_variety(seen: Made) -> Numbers:
    """Return how much the pictures differ from one another."""
    made = spread_over(flat(seen), COMPARED_PICTURES)
    real = spread_over(seen.training, COMPARED_PICTURES)
    if min(len(made), len(real)) < 3:
        return {}
    own = distances(made)
    usual = distances(real)
    nearest = float(np.median(own.min(axis=1)))
    usual_nearest = float(np.median(usual.min(axis=1)))
    return {
        "diversity": relative(mean_distance(own), mean_distance(usual)),
        "twin_distance": relative(nearest, usual_nearest),
        "different_pictures": float(cover(own, ALIKE * usual_nearest)),
    }


def of_seeds(pictures: np.ndarray) -> Numbers:
    """Return how much pictures follow their noise, within a seed and from seed to seed."""
    numbers = Numbers()
    if pictures.shape[1] > 1:
        inner = [change(each[1:], each[:-1]) for each in pictures]
        numbers["inner_change"] = float(np.mean(inner))
    if len(pictures) > 1:
        outer = [change(one, other) for one, other in itertools.pairwise(pictures)]
        numbers["seed_change"] = float(np.mean(outer))
    return numbers


def change(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean change of grey level between two arrays of uint8 pictures of one shape."""
    return float(np.abs(one.astype(np.int16) - other).mean())


def likeness(made: np.ndarray, real: np.ndarray) -> float:
    """Return the share of the mean training picture in the mean picture, at any brightness."""
    one = centred_mean(made)
    other = centred_mean(real)
    return float((one * other).sum() / max(TINY, (other * other).sum()))


def centred_mean(pictures: np.ndarray) -> np.ndarray:
    """Return the mean picture with its own mean taken off, float64 (height, width)."""
    mean: np.ndarray = pictures.mean(axis=0, dtype=np.float64)
    mean -= mean.mean()
    return mean


def roughness(pictures: np.ndarray) -> float:
    """Return the mean change from pixel to pixel, over the spread of all grey levels."""
    grey = pictures.astype(np.float32)
    steps = np.abs(np.diff(grey, axis=1)).mean() + np.abs(np.diff(grey, axis=2)).mean()
    return float(steps / max(TINY, grey.std()))


def distances(pictures: np.ndarray) -> np.ndarray:
    """Return the distance of every two pictures, float64 (n, n); infinite to itself."""
    rows = pictures.reshape(len(pictures), -1).astype(np.float64)
    squares = (rows * rows).sum(axis=1)
    of_two = squares[:, None] + squares[None] - 2 * rows @ rows.T
    table: np.ndarray = np.sqrt(np.maximum(of_two, 0.0))
    np.fill_diagonal(table, np.inf)
    return table


def mean_distance(table: np.ndarray) -> float:
    """Return the mean distance of two different pictures."""
    is_other = ~np.eye(len(table), dtype=bool)
    return float(table[is_other].mean())


def cover(table: np.ndarray, radius: float) -> int:
    """Return how many pictures it takes so that each one is within a radius of one of them.

    They are chosen one after another, each time the one that has most of the rest around it.
    """
    is_open = np.ones(len(table), dtype=bool)
    is_near = (table <= radius) | np.eye(len(table), dtype=bool)
    chosen = 0
    while is_open.any():
        best = int((is_near & is_open).sum(axis=1).argmax())
        is_open &= ~is_near[best]
        chosen += 1
    return chosen


def flat(seen: Made) -> np.ndarray:
    """Return all pictures in a row, uint8 (n, height, width)."""
    return seen.pictures.reshape(-1, *seen.pictures.shape[2:])


def spread_over(pictures: np.ndarray, most: int) -> np.ndarray:
    """Return at most `most` pictures, evenly spread."""
    count = min(most, len(pictures))
    places = np.linspace(0, len(pictures) - 1, count).astype(np.int64)
    chosen: np.ndarray = pictures[places]
    return chosen
