"""How raw pictures become what a model was trained on, inferred from what it was given.

A script scales its pictures and rearranges them before the model sees them: `x_train[..., None]
/ 255`. Kept of that are some of the rows its training was fed with. Each row is looked up among the
raw training pictures, by correlation, which no scaling changes; so the order, the part used and the
shuffling don't matter. From row and picture follow the layout and an affine map: one for all, one
for each channel or one for each pixel. It counts only if it gives the rows again. Pictures that are
scaled each by figures of its own have a map of another kind (`own_scales`).

Augmented rows have no picture of their own; for those the range and the spread of all values
decide. Where nothing was seen, the usual forms are tried on training examples (`most_accurate`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import own_scales
from .layouts import Layout, layouts

PROBES = 48  # rows that are looked up first
CHUNK = 2048  # raw pictures compared at once
# Correlation of a row with the picture it was made from, if every pixel was treated alike.
SAME = 0.999
TOLERANCE = 2e-3  # of the rows' spread: float16 pipelines are that coarse
ENOUGH = 0.9  # share of the rows looked at that a map must give again
FEWEST = 4
USUAL = ((1.0, 0.0), (1 / 255, 0.0), (1 / 127.5, -1.0))  # (scale, shift)
TRIALS = 256  # training pictures that decide between forms nobody gave evidence for
CLEARLY = 3.0
TINY = 1e-12

Numbers = np.ndarray
Axes = tuple[int, ...] | None


@dataclass(frozen=True)
class Form:
    """Raw pictures -> a model's inputs: `scale * picture + shift`, rearranged.

    They come in the dtype of the rows the model was fed with.
    """

    layout: Layout
    scale: Any = 1.0  # a number, or an array that fits a raw picture
    shift: Any = 0.0
    border: float = 0.0
    dtype: np.dtype = field(default_factory=lambda: np.dtype(np.float32))

    def __call__(self, batch: Numbers) -> Numbers:
        return self.layout.there(self.scaled(batch), self.border)

    def scaled(self, batch: Numbers) -> Numbers:
        """Return `scale * picture + shift`, computed in float32."""
        if np.ndim(self.scale) == 0 and self.scale == 1.0 and np.all(self.shift == 0.0):
            return batch.astype(self.dtype, copy=False)
        values = batch.astype(np.float32)
        values *= np.asarray(self.scale, np.float32)
        if np.any(self.shift):
            values += np.asarray(self.shift, np.float32)
        return values.astype(self.dtype, copy=False)


@dataclass(frozen=True)
class Target:
    """What a form must give: the layout of the rows, the value around them, and their dtype."""

    layout: Layout
    border: float
    dtype: np.dtype


def infer(rows: Numbers, raw: Numbers) -> Form | own_scales.OwnForm | None:
    """Return the form that gives these rows from raw training pictures, or None.

    rows: (k, ...). raw: (n, h, w) or (n, h, w, c).
    """
    if rows.ndim < 2 or rows.dtype.kind not in "uif" or len(rows) < FEWEST:
        return None
    if raw.ndim not in (3, 4):
        return None
    if rows.dtype == np.float64:
        rows = rows.astype(np.float32)
    possible = list(layouts(raw.shape[1:], rows.shape[1:]))
    ways: list[Callable[..., Form | own_scales.OwnForm | None]] = []
    ways += [from_pictures, from_scaled_pictures, from_range]
    for way in ways:
        for layout in possible:
            form = way(rows, raw, layout)
            if form is not None:
                return form
    return None


# Rows that are pictures of the training set.


def from_pictures(rows: Numbers, raw: Numbers, layout: Layout) -> Form | None:
    """Look the rows up among the pictures, and return the map from one to the other if any."""
    target = Target(layout, layout.border(rows), rows.dtype)
    values = layout.back(rows).astype(np.float64)
    inner_axes = tuple(range(1, values.ndim))
    alive = np.flatnonzero(values.std(axis=inner_axes) > 0)
    if len(alive) < FEWEST:
        return None
    probes = alive[spread_places(len(alive), PROBES)]
    where, likeness = sources(values[probes], raw)
    is_same = likeness > SAME
    if is_same.sum() >= max(FEWEST, len(probes) // 10):
        pictures = raw[where[is_same]]
        form = fitted(pictures.astype(np.float64), values[probes[is_same]], None, target)
        if gives(form, pictures, rows[probes[is_same]]):
            return form
    if raw.ndim == 4:
        form = fitted(raw[where].astype(np.float64), values[probes], (0, 1, 2), target)
        if gives(form, raw[where], rows[probes]):
            return form
    return by_pixel(raw, values[alive], rows[alive], target)


def from_scaled_pictures(rows: Numbers, raw: Numbers, layout: Layout) -> own_scales.OwnForm | None:
    """Return the map that scales each picture by itself, if it gives these rows."""
    values = layout.back(rows).astype(np.float32)
    scale = own_scales.scale_of(values)
    if scale is None or rows.dtype.kind != "f":
        return None
    probes = spread_places(len(values), PROBES)
    where, _ = sources(values[probes], raw, scale=scale)
    apart = np.abs(scale(raw[where].astype(np.float32)) - values[probes])
    worst = apart.reshape(len(probes), -1).max(axis=1)
    is_given = (worst <= TOLERANCE * max(1.0, float(values.std()))).mean() >= ENOUGH
    return own_scales.OwnForm(scale, layout, rows.dtype) if is_given else None


def spread_places(count: int, most: int) -> Numbers:
    """Return at most `most` places out of a count, evenly spread."""
    return np.unique(np.linspace(0, count - 1, most).astype(int))


def sources(
    values: Numbers,
    raw: Numbers,
    middle: Numbers | None = None,
    scale: own_scales.Scale | None = None,
) -> tuple[Numbers, Numbers]:
    """Return for each value (k, ...) the place in `raw` of the most similar picture, and how much.

    That is their correlation. middle: compare with which pixels of a picture are above this.
    scale: compare with pictures that are scaled so.
    """
    wanted = standardised(values)
    best = np.full(len(values), -np.inf)
    where = np.zeros(len(values), dtype=np.int64)
    for start in range(0, len(raw), CHUNK):
        part = raw[start : start + CHUNK]
        if scale is not None:
            part = scale(part.astype(np.float32))
        if middle is not None:
            part = part > middle
        likeness = wanted @ standardised(part).T
        place = likeness.argmax(axis=1)
        found = likeness[np.arange(len(values)), place]
        is_better = found > best
        best[is_better] = found[is_better]
        where[is_better] = start + place[is_better]
    return where, best


def standardised(pictures: Numbers) -> Numbers:
    """Return rows (n, d) of mean zero and length one, float32."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), TINY)
    return flat


def fitted(pictures: Numbers, values: Numbers, axes: Axes, target: Target) -> Form:
    """Return the affine map of least squares: one over these axes, or one for all."""
    mean = pictures.mean(axis=axes, keepdims=True)
    value = values.mean(axis=axes, keepdims=True)
    spread = ((pictures - mean) ** 2).sum(axis=axes, keepdims=True)
    together = ((pictures - mean) * (values - value)).sum(axis=axes, keepdims=True)
    scale = together / np.maximum(spread, TINY)
    shift = value - scale * mean
    if axes is None:
        return form_of(float(scale.squeeze()), float(shift.squeeze()), target)
    return form_by_part(scale[0], shift[0], target)


def form_of(scale: float, shift: float, target: Target) -> Form:
    """Return a form with one scale and shift, the usual ones exactly."""
    for usual_scale, usual_shift in USUAL:
        is_near = abs(shift - usual_shift) < 1e-4 * 255 * usual_scale
        if is_near and abs(scale / usual_scale - 1) < 1e-4:
            scale = usual_scale
            shift = usual_shift
    dtype = target.dtype
    if dtype.kind in "ui" and (scale, shift) != (1.0, 0.0):
        dtype = np.dtype(np.float32)
    return Form(target.layout, scale, shift, target.border, dtype)


def form_by_part(scale: Numbers, shift: Numbers, target: Target) -> Form:
    """Return a form with a scale and shift for each pixel or channel."""
    return Form(
        target.layout,
        scale.astype(np.float32),
        shift.astype(np.float32),
        target.border,
        target.dtype,
    )


def gives(form: Form, pictures: Numbers, rows: Numbers) -> bool:
    """Whether the form gives nearly all these rows from their pictures."""
    return bool(given_by(form, pictures, rows).mean() >= ENOUGH)


def given_by(form: Form, pictures: Numbers, rows: Numbers, mask: Numbers | None = None) -> Numbers:
    """Return for each row whether the form gives it from its picture.

    mask: which pixels of a picture count.
    """
    difference = np.abs(form(pictures).astype(np.float64) - rows)
    if mask is not None:
        difference = difference * form.layout.there(mask[None].astype(np.float64), 1.0)
    worst = difference.reshape(len(rows), -1).max(axis=1)
    found: Numbers = worst <= TOLERANCE * rows.astype(np.float64).std()
    return found


def by_pixel(raw: Numbers, values: Numbers, rows: Numbers, target: Target) -> Form | None:
    """Return a map of its own for each pixel, as standardising by pixel makes one.

    Such a map may change likeness, but not which pixels are above their middle: by that the
    pictures are found. Half of the rows give the map, the other half must be given by it, as far as
    pixels vary in both. A pixel that is the same in all rows keeps its value there; how it would
    change follows from the others.
    """
    middle = np.median(raw[:: max(1, len(raw) // CHUNK)], axis=0)
    where, _ = sources(values > np.median(values, axis=0), raw, middle)
    pictures = raw[where].astype(np.float64)
    varies_often = (pictures > pictures.min(axis=0)).sum(axis=0) >= len(pictures) // 8
    if varies_often.mean() < 0.1:
        return None
    half = len(pictures) // 2
    form = fitted(pictures[:half], values[:half], (0,), target)
    is_right = given_by(form, raw[where], rows, varies_often)
    if is_right[half:].mean() < ENOUGH:
        return None
    pictures = pictures[is_right]
    values = values[is_right]
    form = fitted(pictures, values, (0,), target)
    scale = scale_of_others(form.scale[varies_often], varies_often, raw)
    scale = np.where(np.ptp(pictures, axis=0) > 0, form.scale, scale)
    shift = values.mean(axis=0) - scale * pictures.mean(axis=0)
    return form_by_part(scale, shift, target)


def scale_of_others(known: Numbers, varies_often: Numbers, raw: Numbers) -> Numbers:
    """Return a scale for every pixel, from those that are known because the pixel varies.

    If all known ones are alike, so are the others; else each is one over the pixel's spread among
    all training pictures, as standardising makes it.
    """
    middle = np.median(known)
    if np.ptp(known) <= TOLERANCE * np.abs(middle):
        return np.full(raw.shape[1:], middle)
    spread = spread_of(raw)
    ratio = np.median(known * spread[varies_often])
    return np.where(spread > 0, ratio / np.maximum(spread, TINY), 0.0)


def spread_of(raw: Numbers) -> Numbers:
    """Return the standard deviation of each pixel over all pictures."""
    total = np.zeros(raw.shape[1:])
    squares = np.zeros(raw.shape[1:])
    for start in range(0, len(raw), CHUNK):
        part = raw[start : start + CHUNK].astype(np.float64)
        total += part.sum(axis=0)
        squares += (part**2).sum(axis=0)
    mean = total / len(raw)
    return np.sqrt(np.maximum(squares / len(raw) - mean**2, 0.0))


# Rows that are not pictures of the training set: augmented ones.


def from_range(rows: Numbers, raw: Numbers, layout: Layout) -> Form | None:
    """Return the map from the range of the pictures to that of the rows, if the spread fits too."""
    values = layout.back(rows).astype(np.float64)
    sample = raw[:: max(1, len(raw) // CHUNK)].astype(np.float64)
    axes = tuple(range(values.ndim - 1)) if raw.ndim == 4 else None
    lowest = sample.min(axis=axes)
    highest = sample.max(axis=axes)
    scale = (values.max(axis=axes) - values.min(axis=axes)) / np.maximum(highest - lowest, TINY)
    shift = values.min(axis=axes) - scale * lowest
    scale, shift = usual_if_near(scale, shift)
    expected_spread = np.maximum(scale * sample.std(axis=axes), TINY)
    expected_mean = scale * sample.mean(axis=axes) + shift
    spread = values.std(axis=axes) / expected_spread
    moved = np.abs(values.mean(axis=axes) - expected_mean) / expected_spread
    if np.any(spread < 0.7) or np.any(spread > 1.4) or np.any(moved > 0.35):
        return None
    dtype = rows.dtype
    if dtype.kind != "f" and not np.all(scale == 1.0):
        dtype = np.dtype(np.float32)
    target = Target(layout, layout.border(rows), dtype)
    if np.ndim(scale) == 0:
        return form_of(float(scale), float(shift), target)
    return form_by_part(scale, shift, target)


def usual_if_near(scale: Any, shift: Any) -> tuple[Any, Any]:
    """Return a usual scale and shift where these are near to them: augmenting blurs a range."""
    for usual_scale, usual_shift in USUAL:
        is_near = np.abs(scale / usual_scale - 1) < 0.15
        if np.all(is_near & (np.abs(shift - usual_shift) < 0.1 * 255 * usual_scale)):
            return np.float64(usual_scale), np.float64(usual_shift)
    return scale, shift


# Nothing was seen: trying.


def usual_forms(raw: Numbers) -> list[Form]:
    """Return the forms to try where there is no evidence, all float32.

    Values in [0, 1] come first, and of each the plainest layout.
    """
    scales: list[tuple[Any, Any]] = [USUAL[1], USUAL[0], USUAL[2], standardising(raw)]
    arranged = usual_layouts(raw.shape[1:])
    return [Form(layout, scale, shift) for scale, shift in scales for layout in arranged]


def standardising(raw: Numbers) -> tuple[Any, Any]:
    """Return scale and shift that standardise pictures, colours each by itself."""
    sample = raw[:: max(1, len(raw) // CHUNK)].astype(np.float64)
    axes = tuple(range(raw.ndim - 1)) if raw.ndim == 4 else None
    spread = np.maximum(sample.std(axis=axes), TINY)
    return 1 / spread, -sample.mean(axis=axes) / spread


def usual_layouts(shape: tuple[int, ...]) -> list[Layout]:
    """Return the usual layouts of a picture (h, w) or (h, w, c), the plainest first."""
    flat = (int(np.prod(shape)),)
    if len(shape) == 2:
        shapes = [(*shape, 1), shape, flat, (1, *shape)]
        return [Layout(shape, each) for each in shapes]
    arranged = [Layout(shape, shape), Layout(shape, flat)]
    if len(shape) == 3:
        channels_first = (shape[2], *shape[:2])
        arranged.append(Layout(shape, channels_first, channels_first=True))
    return arranged


def most_accurate(
    forms: Sequence[Callable[[Any], Any]],
    ask: Callable[[Any], Any],
    inputs: Any,
    labels: Numbers,
    num_classes: int,
) -> Callable[[Any], Any] | None:
    """Return the form with which a trained model answers training examples best.

    ask: prepared inputs -> class scores of shape (n, num_classes). None where no form brings such
    scores. A later form has to win clearly over an earlier one: by CLEARLY standard errors of the
    examples on which the two differ.
    """
    # Drawn, for any fixed step may meet a rhythm in the labels.
    drawn = np.random.default_rng(0).permutation(len(labels))[:TRIALS]
    examples = np.asarray(inputs)[drawn]
    right = np.asarray(labels)[drawn]
    best: Callable[[Any], Any] | None = None
    best_hits = np.zeros(0, dtype=bool)
    for form in forms:
        hits = hits_of(form, ask, examples, right, num_classes)
        if hits is not None and (best is None or is_clearly_better(hits, best_hits)):
            best = form
            best_hits = hits
    return best


def hits_of(
    form: Callable[[Any], Any],
    ask: Callable[[Any], Any],
    examples: Numbers,
    right: Numbers,
    num_classes: int,
) -> Numbers | None:
    """Return which examples are answered right in a form; None where it brings no scores."""
    few = examples[:2]
    try:
        found = np.asarray(ask(form(few)))
        are_labels = found.shape in ((len(few),), (len(few), 1)) and found.dtype.kind in "iu"
        if not are_labels and found.shape != (len(few), num_classes):
            return None
        scores = np.asarray(ask(form(examples)))
    except Exception:  # a model that takes another form raises whatever it likes
        return None
    hits: Numbers = (scores.reshape(-1) if are_labels else scores.argmax(axis=1)) == right
    return hits


def is_clearly_better(hits: Numbers, before: Numbers) -> bool:
    """Whether hits are more than before, by CLEARLY standard errors of those that differ."""
    gained = int(hits.sum()) - int(before.sum())
    return bool(gained > CLEARLY * np.sqrt((hits != before).sum()))
