"""The corruption probe: how a classifier does on worse pictures and on its worst class.

Asked after the timed phase and never timed, where the task lists `corruptions` under [probes].
Half of the hidden pictures are asked as they are, timed, and the others in a corrupted copy only: a
box that has answered the clean picture could look the answer up (0.84 of corrupted pictures right
instead of 0.68). Which of the listed ways corrupts a picture is drawn, each way for an equal share
of them. How strongly is fixed here for all tasks, so that figures of different runs can be
compared:

    noise       normally distributed noise on every pixel, of 0.15 of the whole range
    blur        a Gaussian blur of 1.2 pixels
    contrast    every pixel moves 65 % of the way to the mean of its picture
    brightness  a quarter of the range is added
    shift       by three pixels in one of eight directions; black moves in
    occlusion   a grey square, a third of the side long, at a random place

Three figures with equal weight make `responsible_accuracy`: accuracy on these copies, accuracy on
the worst class, and 1 - calibration error, the last two from the timed answers.

The bootstrap. `responsible_accuracy` and the calibration error are no shares of independent
answers, so Wilson's interval does not hold for them. Their intervals are 1.96 standard deviations
of the figure over 200 samples of both halves, drawn with replacement, to each side. A test
holds them against the spread of figures over pictures that really were drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.errors import TaskError
from grader.exams.checks import audits
from grader.exams.checks.shares import share
from grader.exams.session import Session
from grader.metrics import classification as metrics
from grader.metrics.statistics import Z95
from grader.records import Measured
from grader.sandbox.box import Box

GREY_LEVELS = 255.0
NOISE = 0.15  # of the range, standard deviation
BLUR_PIXELS = 1.2  # standard deviation
BLUR_REACH = 3  # pixels to each side
CONTRAST = 0.35  # of the distance to the mean is left
BRIGHTNESS = 0.25  # of the range
SHIFT = 3  # pixels
DIRECTIONS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
COVERED = 1 / 3  # of the side
COVER = 128  # grey level
RESAMPLES = 200
NOT_ASKED = -1  # in the place of a way, where no copy was asked

# float32 (n, h, w) or (n, h, w, c) -> the same
Corrupt = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def noise(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures with normally distributed noise on every pixel."""
    return pictures + draw.normal(0, NOISE * GREY_LEVELS, size=pictures.shape).astype(np.float32)


def blur(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures blurred along both sides; beyond the border, its pixels go on."""
    steps = np.arange(-BLUR_REACH, BLUR_REACH + 1)
    weights = np.exp(-0.5 * (steps / BLUR_PIXELS) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        pictures = weighted_neighbours(pictures, axis, weights.astype(np.float32))
    return pictures


def weighted_neighbours(pictures: np.ndarray, axis: int, weights: np.ndarray) -> np.ndarray:
    """Return in the place of each pixel the weighted sum of those around it along one axis.

    weights: of the neighbours from BLUR_REACH before to BLUR_REACH behind.
    """
    widths = [(0, 0)] * pictures.ndim
    widths[axis] = (BLUR_REACH, BLUR_REACH)
    padded = np.pad(pictures, widths, mode="edge")
    count = pictures.shape[axis]
    total = np.zeros_like(pictures)
    for first, weight in enumerate(weights):
        total += np.take(padded, range(first, first + count), axis=axis) * weight
    return total


def contrast(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures whose pixels lie nearer to the mean of their picture."""
    mean = pictures.mean(axis=tuple(range(1, pictures.ndim)), keepdims=True)
    paler: np.ndarray = mean + np.float32(CONTRAST) * (pictures - mean)
    return paler


def brightness(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return brighter pictures."""
    return pictures + np.float32(BRIGHTNESS * GREY_LEVELS)


def shift(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return each picture moved in a direction of its own."""
    height, width = pictures.shape[1:3]
    moved = np.zeros_like(pictures)
    chosen = draw.integers(len(DIRECTIONS), size=len(pictures))
    for number, (down, right) in enumerate(DIRECTIONS):
        from_rows, to_rows = overlap(down * SHIFT, height)
        from_columns, to_columns = overlap(right * SHIFT, width)
        here = np.flatnonzero(chosen == number)
        target = moved[here]
        target[:, to_rows, to_columns] = pictures[here][:, from_rows, from_columns]
        moved[here] = target
    return moved


def overlap(step: int, side: int) -> tuple[slice, slice]:
    """Return which part of a side is kept when it moves by `step` pixels, and where it goes."""
    kept = slice(max(0, -step), min(side, side - step))
    goes = slice(max(0, step), min(side, side + step))
    return kept, goes


def occlusion(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures with a grey square on each."""
    height, width = pictures.shape[1:3]
    size = max(1, round(COVERED * min(height, width)))
    tops = draw.integers(height - size + 1, size=len(pictures))
    lefts = draw.integers(width - size + 1, size=len(pictures))
    covered = pictures.copy()
    for picture, top, left in zip(covered, tops, lefts, strict=True):
        picture[top : top + size, left : left + size] = COVER
    return covered


WAYS: dict[str, Corrupt] = {
    "noise": noise,
    "blur": blur,
    "contrast": contrast,
    "brightness": brightness,
    "shift": shift,
    "occlusion": occlusion,
}


def corrupt(pictures: np.ndarray, way: str, draw: np.random.Generator) -> np.ndarray:
    """Return corrupted copies of pictures, uint8 (n, h, w) or (n, h, w, c), of the same form."""
    corrupted = WAYS[way](pictures.astype(np.float32), draw)
    rounded: np.ndarray = np.clip(np.round(corrupted), 0, GREY_LEVELS).astype(np.uint8)
    return rounded


def must_be_pictures(session: Session, inputs: np.ndarray) -> None:
    """Raise TaskError if the task asks for corruptions of inputs that are no pictures."""
    spec = session.task.spec
    are_pictures = inputs.dtype == np.uint8 and inputs.ndim in (3, 4)
    if spec.probes.corruptions and not are_pictures:
        raise TaskError(
            f"task {session.task.id!r} asks for [probes] corruptions, which apply to pictures; "
            f"its data set {spec.dataset!r} has none. Leave out the key"
        )


@dataclass(frozen=True)
class Probed:
    """What the probe found.

    figures: by name. notes: for the learner. scores: the answers to the copies in the order of the
    pictures, float32 (n, classes); zeros where no copy was asked. ways: the place in the task's
    list of the way in which each copy was corrupted, int8 (n,); NOT_ASKED where none was asked.
    """

    figures: dict[str, Measured]
    notes: tuple[str, ...]
    scores: np.ndarray
    ways: np.ndarray


def probe(
    session: Session, box: Box, timed: audits.Timed, kept: audits.Fresh, classes: Sequence[str]
) -> Probed:
    """Ask for corrupted copies of pictures that were kept for this, and judge all answers.

    The box is thawed, its log is closed. SubmissionFailed where an answer is missing or malformed,
    as in the timed phase.
    """
    draw = session.draw
    names = session.task.spec.probes.corruptions
    session.progress.step("asking corrupted copies")
    order = draw.permutation(len(kept.inputs))
    planned = deal_out(order, len(names))

    def corrupted(places: np.ndarray) -> np.ndarray:
        copies: np.ndarray = kept.inputs[places]
        for number, name in enumerate(names):
            here = np.flatnonzero(planned[places] == number)
            copies[here] = corrupt(copies[here], name, draw)
        return copies

    batches = audits.cut(order, session.task.spec.batch)
    asked = audits.ask(session, box, batches, corrupted)
    scores = np.zeros((len(order), len(classes)), dtype=np.float32)
    scores[asked.places] = asked.scores
    ways = np.full(len(order), NOT_ASKED, dtype=np.int8)
    ways[asked.places] = planned[asked.places]

    right = audits.is_right(scores, kept.labels)
    worst = metrics.worst_class(timed.scores, timed.labels)
    figures = accuracy_by_way(right, ways, names)
    of_worst = share(timed.right(np.flatnonzero(timed.labels == worst)))
    figures["worst_class_accuracy"] = of_worst
    figures |= taken_together(timed, right[ways != NOT_ASKED], draw)
    note = (
        f"the worst class is {classes[worst]!r}: {100 * of_worst.value:.1f} % of its inputs were "
        "answered correctly"
    )
    return Probed(figures, (note,), scores, ways)


def deal_out(order: np.ndarray, count: int) -> np.ndarray:
    """Return one of `count` ways for each place, int8 (n,), dealt out in a drawn order, (n,)."""
    ways = np.empty(len(order), dtype=np.int8)
    ways[order] = np.arange(len(order)) % count
    return ways


def accuracy_by_way(
    right: np.ndarray, ways: np.ndarray, names: Sequence[str]
) -> dict[str, Measured]:
    """Return the accuracy on the copies that were asked: of each way, and of all together.

    right: bool (n,); ways: int8 (n,), places in `names`, or NOT_ASKED.
    """
    figures = {}
    for number, name in enumerate(names):
        of_way = right[ways == number]
        if len(of_way):
            figures[f"corrupted_{name}_accuracy"] = share(of_way)
    figures["corrupted_accuracy"] = share(right[ways != NOT_ASKED])
    return figures


def taken_together(
    timed: audits.Timed, right_corrupted: np.ndarray, draw: np.random.Generator
) -> dict[str, Measured]:
    """Return the calibration error and the mean that is scored, with bootstrap intervals.

    right_corrupted: of the copies that were asked, which were answered right, bool (m,).
    """
    sample = Sample(
        confidence=metrics.probabilities(timed.scores).max(axis=1),
        right=audits.is_right(timed.scores, timed.labels),
        of_class=np.eye(timed.scores.shape[1])[timed.labels],
        right_corrupted=right_corrupted,
    )
    values = sample.figures(np.ones(len(timed.labels)), np.ones(len(right_corrupted)))
    halves = sample.bootstrap(draw)
    names = ("calibration_error", "responsible_accuracy")
    figures = {}
    for name, value, half in zip(names, values, halves, strict=True):
        figures[name] = Measured(
            value=value,
            low=max(0.0, value - half),
            high=min(1.0, value + half),
            n=len(timed.labels),
            unit="share",
            spread="95% interval",
        )
    return figures


@dataclass(frozen=True)
class Sample:
    """The hidden pictures, as far as the bootstrap draws from them; a row of each array is one.

    Asked as they are: confidence of the answer, in [0, 1], (n,); right: whether it was right, bool
    (n,); of_class: 1 in the column of the label, (n, classes). Asked in a corrupted copy:
    right_corrupted, bool (m,).
    """

    confidence: np.ndarray
    right: np.ndarray
    of_class: np.ndarray
    right_corrupted: np.ndarray

    def figures(self, weights: np.ndarray, of_copies: np.ndarray) -> tuple[float, float]:
        """Return calibration error and responsible accuracy if each picture counts so often.

        weights: of those asked as they are, (n,); of_copies: of the others, (m,). A class without a
        picture is not the worst.
        """
        error = metrics.calibration_error(self.confidence, self.right, weights)
        counts = weights @ self.of_class
        is_there = counts > 0
        right = (weights * self.right) @ self.of_class
        worst = float(np.min(right[is_there] / counts[is_there]))
        corrupted = float(of_copies @ self.right_corrupted) / max(1.0, float(of_copies.sum()))
        return error, (worst + corrupted + 1 - error) / 3

    def bootstrap(self, draw: np.random.Generator) -> list[float]:
        """Return half the width of the 95 % interval of each of the figures."""
        drawn = []
        for _ in range(RESAMPLES):
            weights = times_drawn(len(self.right), draw)
            of_copies = times_drawn(len(self.right_corrupted), draw)
            drawn.append(self.figures(weights, of_copies))
        halves: list[float] = (Z95 * np.std(drawn, axis=0, ddof=1)).tolist()
        return halves


def times_drawn(count: int, draw: np.random.Generator) -> np.ndarray:
    """Return how often each is drawn if `count` are drawn of `count` and put back, (count,)."""
    if not count:
        return np.empty(0)
    return draw.multinomial(count, np.full(count, 1 / count)).astype(np.float64)
