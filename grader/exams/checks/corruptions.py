"""The corruption probe: how a classifier does on worse pictures and on its worst class, and what
its confidence tells.

Asked after the timed phase and never timed, where the task lists `corruptions` under [probes].
Every hidden picture is asked once more in a spoilt copy; which of the listed ways spoils it is
drawn, each way for an equal share of the pictures. How strongly is fixed here, so that figures of
different runs can be compared:

    noise       every pixel gets normal noise of 0.15 of the whole range
    blur        a normal blur of 1.2 pixels
    contrast    every pixel moves 65 % of the way to the picture's mean
    brightness  every pixel gets a quarter of the range added
    shift       three pixels in one of eight directions, black comes in
    occlusion   a grey square of a third of the side lies somewhere on the picture

Three figures with equal weight make `responsible_accuracy`: accuracy on these copies, accuracy
within the worst class and 1 - calibration error, the last two from the timed answers. Its interval
and that of the calibration error are 1.96 standard deviations of a bootstrap over the hidden
pictures to each side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.errors import TaskError
from grader.exams.checks import audits
from grader.exams.exam import Session
from grader.metrics import classification as metrics
from grader.records import Measured
from grader.sandbox.box import Box

GREY_LEVELS = 255.0
NOISE = 0.15  # of the range, standard deviation
BLUR_PIXELS = 1.2  # standard deviation
BLUR_REACH = 3  # pixels to each side
CONTRAST = 0.35  # of the distance to the mean stays
BRIGHTNESS = 0.25  # of the range
SHIFT = 3  # pixels
DIRECTIONS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
COVERED = 1 / 3  # of the side
COVER = 128  # grey level
RESAMPLES = 200
NOT_ASKED = -1  # the place of a way, where no copy was asked

Corrupt = Callable[
    [np.ndarray, np.random.Generator], np.ndarray
]  # float32 (n, h, w) or (n, h, w, c) -> the same


def noise(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures with normal noise on every pixel."""
    return pictures + draw.normal(0, NOISE * GREY_LEVELS, size=pictures.shape).astype(np.float32)


def blur(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures blurred along both sides; the pixels at the border go on beyond it."""
    steps = np.arange(-BLUR_REACH, BLUR_REACH + 1)
    weights = np.exp(-0.5 * (steps / BLUR_PIXELS) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        widths = [(BLUR_REACH, BLUR_REACH) if at == axis else (0, 0) for at in range(pictures.ndim)]
        padded = np.pad(pictures, widths, mode="edge")
        count = pictures.shape[axis]
        parts = (
            np.take(padded, range(k, k + count), axis=axis) * w
            for k, w in enumerate(weights.astype(np.float32))
        )
        pictures = sum(parts, np.zeros_like(pictures))
    return pictures


def contrast(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures whose pixels lie nearer to their picture's mean."""
    mean = pictures.mean(axis=tuple(range(1, pictures.ndim)), keepdims=True)
    paler: np.ndarray = mean + np.float32(CONTRAST) * (pictures - mean)
    return paler


def brightness(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return brighter pictures."""
    return pictures + np.float32(BRIGHTNESS * GREY_LEVELS)


def shift(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return each picture moved in a direction of its own."""
    h, w = pictures.shape[1:3]
    moved = np.zeros_like(pictures)
    chosen = draw.integers(len(DIRECTIONS), size=len(pictures))
    for number, (down, right) in enumerate(DIRECTIONS):
        rows, columns = overlap(down * SHIFT, h), overlap(right * SHIFT, w)
        here = np.flatnonzero(chosen == number)
        block = pictures[here][:, rows[0], columns[0]]
        target = moved[here]
        target[:, rows[1], columns[1]] = block
        moved[here] = target
    return moved


def overlap(step: int, side: int) -> tuple[slice, slice]:
    """Return which part of a side is kept when it moves by `step` pixels, and where it goes."""
    return slice(max(0, -step), min(side, side - step)), slice(max(0, step), min(side, side + step))


def occlusion(pictures: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures with a grey square on each."""
    h, w = pictures.shape[1:3]
    size = max(1, round(COVERED * min(h, w)))
    tops, lefts = (
        draw.integers(h - size + 1, size=len(pictures)),
        draw.integers(w - size + 1, size=len(pictures)),
    )
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
    """Return spoilt copies of pictures, uint8 (n, h, w) or (n, h, w, c), of the same form."""
    spoilt = WAYS[way](pictures.astype(np.float32), draw)
    rounded: np.ndarray = np.clip(np.round(spoilt), 0, GREY_LEVELS).astype(np.uint8)
    return rounded


@dataclass(frozen=True)
class Probed:
    """What the probe found: figures by name, notes, and the raw answers in the order of the timed
    phase.
    """

    figures: dict[str, Measured]
    notes: tuple[str, ...]
    scores: np.ndarray  # float32 (n, classes); zeros where no copy was asked
    ways: (
        np.ndarray
    )  # int8 (n,): which of the task's corruptions spoilt the copy, NOT_ASKED where none was asked


def must_be_pictures(session: Session, inputs: np.ndarray) -> None:
    """Raise TaskError if the task asks for corruptions of something that is no picture."""
    if session.task.spec.probes.corruptions and (
        inputs.dtype != np.uint8 or inputs.ndim not in (3, 4)
    ):
        raise TaskError(
            f"task {session.task.id!r} asks for [probes] corruptions, which spoil pictures; "
            f"its data set {session.task.spec.dataset!r} has none: leave the key out"
        )


def probe(session: Session, box: Box, timed: audits.Timed, classes: Sequence[str]) -> Probed:
    """Ask for spoilt copies of the timed inputs and judge all answers. The box is thawed, its log
    is closed.

    SubmissionFailed where an answer is missing or malformed, as in the timed phase.
    """
    draw, batch, names = session.draw, session.task.spec.batch, session.task.spec.probes.corruptions
    session.progress.step("asking corrupted copies")
    count = len(timed.inputs)
    order = draw.permutation(count)
    planned = np.empty(count, dtype=np.int8)
    planned[order] = np.arange(count) % len(names)

    def spoil(places: np.ndarray) -> np.ndarray:
        copies: np.ndarray = timed.inputs[places]
        for number, name in enumerate(names):
            here = np.flatnonzero(planned[places] == number)
            copies[here] = corrupt(copies[here], name, draw)
        return copies

    asked = audits.ask(session, box, audits.cut(order, batch), spoil)
    scores = np.zeros((count, len(classes)), dtype=np.float32)
    scores[asked.places] = asked.scores
    ways = np.full(count, NOT_ASKED, dtype=np.int8)
    ways[asked.places] = planned[asked.places]
    right = audits.is_right(scores, timed.labels)
    worst = metrics.worst_class(timed.scores, timed.labels)
    figures = {
        f"corrupted_{name}_accuracy": share(right[ways == number])
        for number, name in enumerate(names)
        if (ways == number).any()
    }
    figures["corrupted_accuracy"] = share(right[ways >= 0])
    figures["worst_class_accuracy"] = share(timed.right(np.flatnonzero(timed.labels == worst)))
    figures |= taken_together(timed, right, ways >= 0, draw)
    value = figures["worst_class_accuracy"].value
    notes = (
        f"the worst class is {classes[worst]!r}: {100 * value:.1f} % of its inputs were answered right",
    )
    return Probed(figures, notes, scores, ways)


def share(right: np.ndarray) -> Measured:
    """Return the share of answers that are right, bool (n,), with its Wilson interval."""
    value = float(np.mean(right))
    low, high = metrics.wilson_interval(value, len(right))
    return Measured(
        value=value, low=low, high=high, n=len(right), unit="share", spread="95% interval"
    )


def taken_together(
    timed: audits.Timed, right_corrupted: np.ndarray, asked: np.ndarray, draw: np.random.Generator
) -> dict[str, Measured]:
    """Return the calibration error and the mean that is scored, with intervals from a bootstrap
    over the inputs.

    right_corrupted: whose copy was answered right, asked: who had one; bool (n,) each, in the order
    of `timed`.
    """
    confidence = metrics.probabilities(timed.scores).max(axis=1)
    right = audits.is_right(timed.scores, timed.labels)
    members = np.eye(timed.scores.shape[1])[timed.labels]  # (n, classes)

    def figures(weights: np.ndarray) -> tuple[float, float]:
        error = metrics.calibration_error(confidence, right, weights)
        of_class = weights @ members
        worst = float(np.min(((weights * right) @ members)[of_class > 0] / of_class[of_class > 0]))
        corrupted = float(weights @ (asked & right_corrupted)) / max(1.0, float(weights @ asked))
        return error, (worst + corrupted + 1 - error) / 3

    count = len(right)
    found = figures(np.ones(count))
    drawn = [
        figures(draw.multinomial(count, np.full(count, 1 / count)).astype(np.float64))
        for _ in range(RESAMPLES)
    ]
    halves = metrics.Z95 * np.std(drawn, axis=0, ddof=1)
    return {
        name: Measured(
            value=value,
            low=max(0.0, value - half),
            high=min(1.0, value + half),
            n=count,
            unit="share",
            spread="95% interval",
        )
        for name, value, half in zip(
            ("calibration_error", "responsible_accuracy"), found, halves.tolist(), strict=True
        )
    }
