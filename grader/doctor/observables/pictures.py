"""From a generator's pictures to named numbers: how they look beside training pictures. Pure.

No question is asked of the box: the graded pictures say enough. Each number is a comparison with
training pictures of the same task, so that it means the same for thin digits on black and for full
pictures. A generator that was never trained shows no likeness, one that is mapped to other grey
levels shows one, and a collapsed one repeats itself.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from grader.doctor.evidence import Made, TrainingEvidence
from grader.doctor.observables.answers import TINY, Numbers, of_curve

PICTURES: dict[str, str] = {
    "likeness": "how much of the mean training picture is in the mean picture: 1 if all of it, 0 if nothing",
    "contrast": "spread of all grey levels, as a share of that of the training pictures",
    "darkest": "grey level that one pixel in a hundred is below",
    "training_darkest": "the same of the training pictures",
    "brightest": "grey level that one pixel in a hundred is above",
    "training_brightest": "the same of the training pictures",
    "commonest": "commonest grey level",
    "training_commonest": "the same of the training pictures",
    "grey_levels": "different grey levels",
    "training_grey_levels": "the same of the training pictures",
    "middle_share": "share of pixels that are neither among the darkest nor among the brightest tenth of grey levels",
    "training_middle_share": "the same of the training pictures",
    "roughness": "change from pixel to pixel over the spread of grey levels, as a multiple of the training pictures'",
    "diversity": "mean distance of two pictures, as a share of that of two training pictures",
    "twin_distance": "median distance to the most similar other picture, as a share of that of training pictures",
    "different_pictures": "pictures that are needed so that each of 200 is much like one of them",
    "inner_change": "mean change of grey level from one picture of a seed to the next one",
    "seed_change": "mean change of grey level from the pictures of a seed to those of another seed",
}
FORMS = 2000  # pictures whose means and grey levels are looked at
COMPARED_PICTURES = 200  # of which every two are compared
PERCENT = 1.0
TENTH = 25.5
ALIKE = 0.35  # of the usual distance to the most similar training picture


def observe_generator(seen: Made, evidence: TrainingEvidence | None = None) -> Numbers:
    """Return every number that can be had, each finite."""
    if seen.pictures.size == 0 or seen.training.size == 0:
        return {}
    with np.errstate(all="ignore"):
        numbers = of_greys(seen) | of_variety(seen) | of_seeds(seen.pictures)
        numbers |= of_curve(evidence) if evidence is not None else {}
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def of_greys(seen: Made) -> Numbers:
    """Return what the mean picture and the grey levels show."""
    made, real = (spread_over(each, FORMS) for each in (flat(seen), seen.training))
    numbers: Numbers = {"likeness": likeness(made, real)}
    numbers["contrast"] = float(made.std() / max(TINY, real.std()))
    numbers["roughness"] = roughness(made) / max(TINY, roughness(real))
    for before, pictures in (("", made), ("training_", real)):
        numbers[before + "darkest"], numbers[before + "brightest"] = (
            float(np.percentile(pictures, share)) for share in (PERCENT, 100 - PERCENT)
        )
        counts = np.bincount(pictures.ravel(), minlength=256)
        numbers[before + "commonest"] = float(counts.argmax())
        numbers[before + "grey_levels"] = float(np.count_nonzero(counts))
        numbers[before + "middle_share"] = float(
            np.mean((pictures > TENTH) & (pictures < 255 - TENTH))
        )
    return numbers


def of_variety(seen: Made) -> Numbers:
    """Return how much the pictures differ from one another."""
    made, real = (spread_over(each, COMPARED_PICTURES) for each in (flat(seen), seen.training))
    if min(len(made), len(real)) < 3:
        return {}
    own, usual = distances(made), distances(real)
    nearest, usual_nearest = np.median(own.min(axis=1)), float(np.median(usual.min(axis=1)))
    others = ~np.eye(len(own), dtype=bool)
    return {
        "diversity": float(
            own[others].mean() / max(TINY, usual[~np.eye(len(usual), dtype=bool)].mean())
        ),
        "twin_distance": float(nearest) / max(TINY, usual_nearest),
        "different_pictures": float(cover(own, ALIKE * usual_nearest)),
    }


def of_seeds(pictures: np.ndarray) -> Numbers:
    """Return how much pictures follow their noise, within a seed and from seed to seed."""
    numbers: Numbers = {}
    if pictures.shape[1] > 1:
        numbers["inner_change"] = float(np.mean([change(each[1:], each[:-1]) for each in pictures]))
    if len(pictures) > 1:
        numbers["seed_change"] = float(
            np.mean([change(*pair) for pair in itertools.pairwise(pictures)])
        )
    return numbers


def change(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean change of grey level between two arrays of uint8 pictures of one shape."""
    return float(np.abs(one.astype(np.int16) - other).mean())


def likeness(made: np.ndarray, real: np.ndarray) -> float:
    """Return the share of the mean training picture that the mean picture holds, whatever its
    brightness.
    """
    one, other = (each.mean(axis=0, dtype=np.float64) for each in (made, real))
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(TINY, (other * other).sum()))


def roughness(pictures: np.ndarray) -> float:
    grey = pictures.astype(np.float32)
    steps = np.abs(np.diff(grey, axis=1)).mean() + np.abs(np.diff(grey, axis=2)).mean()
    return float(steps / max(TINY, grey.std()))


def distances(pictures: np.ndarray) -> np.ndarray:
    """Return the distance of every two pictures, float64 (n, n); of a picture to itself
    infinity.
    """
    rows = pictures.reshape(len(pictures), -1).astype(np.float64)
    squares = (rows * rows).sum(axis=1)
    table: np.ndarray = np.sqrt(
        np.maximum(squares[:, None] + squares[None] - 2 * rows @ rows.T, 0.0)
    )
    np.fill_diagonal(table, np.inf)
    return table


def cover(table: np.ndarray, radius: float) -> int:
    """Return how many pictures it takes, chosen one after another, to have each one within a radius
    of one of them.
    """
    open_ones, chosen = np.ones(len(table), dtype=bool), 0
    near = (table <= radius) | np.eye(len(table), dtype=bool)
    while open_ones.any():
        open_ones &= ~near[int((near & open_ones).sum(axis=1).argmax())]
        chosen += 1
    return chosen


def flat(seen: Made) -> np.ndarray:
    return seen.pictures.reshape(-1, *seen.pictures.shape[2:])


def spread_over(pictures: np.ndarray, most: int) -> np.ndarray:
    """Return at most so many pictures, evenly spread."""
    chosen: np.ndarray = pictures[
        np.linspace(0, len(pictures) - 1, min(most, len(pictures))).astype(np.int64)
    ]
    return chosen
