"""How raw pictures become what a model was trained on, inferred from what it was given.

A script scales its pictures and lays them out anew before the model sees them: `x_train[..., None]
/ 255`. Kept of that are some of the rows its training was fed with. Each row is looked up among the
raw training pictures, by correlation, which no scaling changes; so the order, the part used and the
shuffling don't matter. From row and picture follow the layout and an affine map: one for all, one
for each channel or one for each pixel. It counts only if it gives the rows again. Augmented rows
have no picture of their own; for those the range and the spread of all values decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PROBES = 48  # rows that are looked up first
CHUNK = 2048  # raw pictures compared at once
# correlation of a row with the picture it was made from, if every pixel was treated alike
SAME = 0.999
TOLERANCE = 2e-3  # of the rows' spread: float16 pipelines are that coarse
ENOUGH = 0.9  # share of the rows looked at that a map must give again
FEWEST = 4
USUAL = ((1.0, 0.0), (1 / 255, 0.0), (1 / 127.5, -1.0))
TRIALS = 256  # training pictures that decide between forms nobody gave evidence for
CLEARLY = 3.0

Numbers = np.ndarray


@dataclass(frozen=True)
class Layout:
    """Where the pixels of a raw picture go: shape (h, w) or (h, w, c) to any other."""

    raw: tuple[int, ...]
    shape: tuple[int, ...]
    channels_first: bool = False
    pad: int = 0
    repeat: int = 1

    @property
    def plain(self) -> bool:
        return not (self.channels_first or self.pad or self.repeat > 1)

    def there(self, pictures: Numbers, border: float = 0.0) -> Numbers:
        """Lay out (n, *raw) as (n, *shape); `border` fills what is padded."""
        count = len(pictures)
        if not self.plain:
            pictures = pictures.reshape(count, *self.raw[:2], -1)
            if self.repeat > 1:
                pictures = np.repeat(pictures, self.repeat, axis=3)
            if self.pad:
                side = (self.pad, self.pad)
                pictures = np.pad(pictures, ((0, 0), side, side, (0, 0)), constant_values=border)
            if self.channels_first:
                pictures = np.moveaxis(pictures, 3, 1)
        return pictures.reshape(count, *self.shape)

    def back(self, rows: Numbers) -> Numbers:
        """Return (n, *raw) from (n, *shape)."""
        count = len(rows)
        if self.plain:
            return rows.reshape(count, *self.raw)
        height, width = self.raw[0] + 2 * self.pad, self.raw[1] + 2 * self.pad
        if self.channels_first:
            rows = np.moveaxis(rows.reshape(count, -1, height, width), 1, 3)
        rows = rows.reshape(count, height, width, -1)[..., :: self.repeat]
        inner = slice(self.pad, -self.pad or None)
        return rows[:, inner, inner].reshape(count, *self.raw)

    def border(self, rows: Numbers) -> float:
        return float(rows[0].flat[0]) if self.pad else 0.0


def layouts(raw: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[Layout]:
    """Return the ways to bring a raw picture into a shape, the plainest first."""
    size, wanted = int(np.prod(raw)), int(np.prod(shape))
    if size == wanted:
        yield Layout(raw, shape)
        if len(raw) == 3 and raw[2] > 1:
            yield Layout(raw, shape, channels_first=True)
        return
    channels = raw[2] if len(raw) == 3 else 1
    for first in (False, True):
        if len(shape) not in (2, 3) or (first and len(shape) == 2):
            return
        height, width, depth = (*shape[1:], shape[0]) if first else (*shape, 1)[:3]
        pad, rest = divmod(height - raw[0], 2)
        if (
            rest == 0
            and pad >= 0
            and width - raw[1] == 2 * pad
            and depth in (channels, 3)
            and depth % channels == 0
        ):
            yield Layout(raw, shape, first, pad, depth // channels)


@dataclass(frozen=True)
class Form:
    """Raw pictures -> a model's inputs: `scale * picture + shift`, laid out anew, in the dtype of
    the rows.
    """

    layout: Layout
    scale: Any = 1.0  # a number, or an array that fits a raw picture
    shift: Any = 0.0
    border: float = 0.0
    dtype: np.dtype = field(default_factory=lambda: np.dtype(np.float32))

    def __call__(self, batch: Numbers) -> Numbers:
        return self.layout.there(self.scaled(batch), self.border)

    def scaled(self, batch: Numbers) -> Numbers:
        if np.ndim(self.scale) == 0 and self.scale == 1.0 and np.all(self.shift == 0.0):
            return batch.astype(self.dtype, copy=False)
        values = batch.astype(np.float32)
        values *= np.asarray(self.scale, np.float32)
        if np.any(self.shift):
            values += np.asarray(self.shift, np.float32)
        return values.astype(self.dtype, copy=False)


def infer(rows: Numbers, raw: Numbers) -> Form | None:
    """Return the form that gives these rows (k, ...) from raw training pictures (n, h, w) or (n, h,
    w, c), or None.
    """
    if (
        rows.ndim < 2
        or rows.dtype.kind not in "uif"
        or raw.ndim not in (3, 4)
        or len(rows) < FEWEST
    ):
        return None
    rows = rows.astype(np.float32) if rows.dtype == np.float64 else rows
    possible = list(layouts(raw.shape[1:], rows.shape[1:]))
    for layout in possible:
        form = from_pictures(rows, raw, layout)
        if form is not None:
            return form
    for layout in possible:
        form = from_range(rows, raw, layout)
        if form is not None:
            return form
    return None


def from_pictures(rows: Numbers, raw: Numbers, layout: Layout) -> Form | None:
    """Look the rows up among the pictures, and return the map from one to the other if there is
    one.
    """
    border = layout.border(rows)
    values = layout.back(rows).astype(np.float64)
    alive = np.flatnonzero(values.std(axis=tuple(range(1, values.ndim))) > 0)
    if len(alive) < FEWEST:
        return None
    probes = alive[np.unique(np.linspace(0, len(alive) - 1, PROBES).astype(int))]
    where, likeness = sources(values[probes], raw)
    same = likeness > SAME
    if same.sum() >= max(FEWEST, len(probes) // 10):
        pictures, known = raw[where[same]].astype(np.float64), values[probes[same]]
        form = fitted(pictures, known, None, layout, border, rows.dtype)
        if gives(form, raw[where[same]], rows[probes[same]]):
            return form
    if raw.ndim == 4:
        form = fitted(
            raw[where].astype(np.float64), values[probes], (0, 1, 2), layout, border, rows.dtype
        )
        if gives(form, raw[where], rows[probes]):
            return form
    return by_pixel(raw, values[alive], rows[alive], layout, border)


def sources(
    values: Numbers, raw: Numbers, middle: Numbers | None = None
) -> tuple[Numbers, Numbers]:
    """Return for each of the values (k, ...) the picture it is most like, as a place in `raw`, and
    the correlation.

    middle: compare with which pixels of a picture are above this.
    """
    wanted = standardised(values)
    best = np.full(len(values), -np.inf)
    where = np.zeros(len(values), dtype=np.int64)
    for start in range(0, len(raw), CHUNK):
        part = raw[start : start + CHUNK]
        likeness = wanted @ standardised(part if middle is None else part > middle).T
        place = likeness.argmax(axis=1)
        found = likeness[np.arange(len(values)), place]
        better = found > best
        best[better], where[better] = found[better], start + place[better]
    return where, best


def standardised(pictures: Numbers) -> Numbers:
    """Return rows (n, d) of mean zero and length one, float32."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    return flat


def fitted(
    pictures: Numbers,
    values: Numbers,
    axes: tuple[int, ...] | None,
    layout: Layout,
    border: float,
    dtype: np.dtype,
) -> Form:
    """Return the affine map of least squares: one over these axes, or one for all."""
    mean, value = pictures.mean(axis=axes, keepdims=True), values.mean(axis=axes, keepdims=True)
    spread = ((pictures - mean) ** 2).sum(axis=axes, keepdims=True)
    scale = ((pictures - mean) * (values - value)).sum(axis=axes, keepdims=True) / np.maximum(
        spread, 1e-12
    )
    shift = value - scale * mean
    if axes is None:
        return form_of(float(scale.squeeze()), float(shift.squeeze()), layout, border, dtype)
    return Form(layout, scale[0].astype(np.float32), shift[0].astype(np.float32), border, dtype)


def form_of(scale: float, shift: float, layout: Layout, border: float, dtype: np.dtype) -> Form:
    """Return a form with one scale and shift, the usual ones exactly."""
    for usual_scale, usual_shift in USUAL:
        if (
            abs(scale / usual_scale - 1) < 1e-4
            and abs(shift - usual_shift) < 1e-4 * 255 * usual_scale
        ):
            scale, shift = usual_scale, usual_shift
    if dtype.kind in "ui" and (scale, shift) != (1.0, 0.0):
        dtype = np.dtype(np.float32)
    return Form(layout, scale, shift, border, dtype)


def gives(form: Form, pictures: Numbers, rows: Numbers) -> bool:
    """Whether the form gives nearly all these rows from their pictures."""
    return bool(given_by(form, pictures, rows).mean() >= ENOUGH)


def given_by(form: Form, pictures: Numbers, rows: Numbers, mask: Numbers | None = None) -> Numbers:
    """Return for each row whether the form gives it from its picture; `mask` says which pixels
    count.
    """
    difference = np.abs(form(pictures).astype(np.float64) - rows)
    if mask is not None:
        difference = difference * form.layout.there(mask[None].astype(np.float64), 1.0)
    worst = difference.reshape(len(rows), -1).max(axis=1)
    found: Numbers = worst <= TOLERANCE * rows.astype(np.float64).std()
    return found


def by_pixel(
    raw: Numbers, values: Numbers, rows: Numbers, layout: Layout, border: float
) -> Form | None:
    """Return a map of its own for each pixel, as standardising by pixel makes one.

    Such a map may change likeness, but not which pixels are above their middle: by that the
    pictures are found. Half of the rows give the map, the other half must be given by it, as far as
    pixels vary in both. A pixel that is the same in all rows keeps its value there; how it would
    change follows from the others: as they do if all do so alike, else by one over its spread among
    all training pictures.
    """
    middle = np.median(raw[:: max(1, len(raw) // CHUNK)], axis=0)
    where, _ = sources(values > np.median(values, axis=0), raw, middle)
    pictures = raw[where].astype(np.float64)
    often = (pictures > pictures.min(axis=0)).sum(axis=0) >= len(pictures) // 8
    if often.mean() < 0.1:
        return None
    half = len(pictures) // 2
    form = fitted(pictures[:half], values[:half], (0,), layout, border, rows.dtype)
    right = given_by(form, raw[where], rows, often)
    if right[half:].mean() < ENOUGH:
        return None
    pictures, values = pictures[right], values[right]
    form = fitted(pictures, values, (0,), layout, border, rows.dtype)
    known = form.scale[often]
    if np.ptp(known) <= TOLERANCE * np.abs(np.median(known)):
        scale = np.full(raw.shape[1:], np.median(known))
    else:
        spread = spread_of(raw)
        ratio = np.median(known * spread[often])
        scale = np.where(spread > 0, ratio / np.maximum(spread, 1e-12), 0.0)
    scale = np.where(np.ptp(pictures, axis=0) > 0, form.scale, scale)
    shift = values.mean(axis=0) - scale * pictures.mean(axis=0)
    return Form(layout, scale.astype(np.float32), shift.astype(np.float32), border, rows.dtype)


def spread_of(raw: Numbers) -> Numbers:
    """Return the standard deviation of each pixel over all pictures."""
    total, squares = np.zeros(raw.shape[1:]), np.zeros(raw.shape[1:])
    for start in range(0, len(raw), CHUNK):
        part = raw[start : start + CHUNK].astype(np.float64)
        total += part.sum(axis=0)
        squares += (part**2).sum(axis=0)
    return np.sqrt(np.maximum(squares / len(raw) - (total / len(raw)) ** 2, 0.0))


def from_range(rows: Numbers, raw: Numbers, layout: Layout) -> Form | None:
    """Return the map that brings the range of the pictures onto that of the rows, if the spread
    then fits too.
    """
    values = layout.back(rows).astype(np.float64)
    sample = raw[:: max(1, len(raw) // CHUNK)].astype(np.float64)
    axes = tuple(range(values.ndim - 1)) if raw.ndim == 4 else None
    lowest, highest = sample.min(axis=axes), sample.max(axis=axes)
    scale = (values.max(axis=axes) - values.min(axis=axes)) / np.maximum(highest - lowest, 1e-12)
    shift = values.min(axis=axes) - scale * lowest
    for usual_scale, usual_shift in USUAL:
        near = np.abs(scale / usual_scale - 1) < 0.15
        if np.all(near & (np.abs(shift - usual_shift) < 0.1 * 255 * usual_scale)):
            scale, shift = np.float64(usual_scale), np.float64(usual_shift)
            break
    spread = values.std(axis=axes) / np.maximum(scale * sample.std(axis=axes), 1e-12)
    moved = np.abs(values.mean(axis=axes) - (scale * sample.mean(axis=axes) + shift)) / np.maximum(
        scale * sample.std(axis=axes), 1e-12
    )
    if np.any(spread < 0.7) or np.any(spread > 1.4) or np.any(moved > 0.35):
        return None
    dtype = rows.dtype if rows.dtype.kind == "f" or np.all(scale == 1.0) else np.dtype(np.float32)
    if np.ndim(scale) == 0:
        return form_of(float(scale), float(shift), layout, layout.border(rows), dtype)
    return Form(
        layout, scale.astype(np.float32), shift.astype(np.float32), layout.border(rows), dtype
    )


def usual_forms(raw: Numbers) -> list[Form]:
    """Return the forms to try where there is no evidence, all float32: values in [0, 1] first, the
    plainest first.
    """
    shape = raw.shape[1:]
    shapes: list[tuple[int, ...]] = [shape, (int(np.prod(shape)),)]
    if raw.ndim == 3:
        shapes[:0] = [(*shape, 1)]
        shapes.append((1, *shape))
    arranged = [Layout(shape, each) for each in shapes]
    if raw.ndim == 4:
        arranged.append(Layout(shape, (shape[2], *shape[:2]), channels_first=True))
    sample = raw[:: max(1, len(raw) // CHUNK)].astype(np.float64)
    axes = tuple(range(raw.ndim - 1)) if raw.ndim == 4 else None
    spread = np.maximum(sample.std(axis=axes), 1e-12)
    standard = (1 / spread, -sample.mean(axis=axes) / spread)
    scales: list[tuple[Any, Any]] = [USUAL[1], USUAL[0], USUAL[2], standard]
    return [Form(layout, scale, shift) for scale, shift in scales for layout in arranged]


def most_accurate(
    forms: Sequence[Callable[[Any], Any]],
    ask: Callable[[Any], Any],
    inputs: Any,
    labels: Numbers,
    num_classes: int,
) -> Callable[[Any], Any] | None:
    """Return the form with which a trained model answers training examples best; None where none
    gives scores.

    ask: prepared inputs -> class scores of shape (n, num_classes). A later form has to win clearly
    over an earlier one: by CLEARLY standard errors of the examples on which the two differ.
    """
    best, hits = None, np.zeros(0, dtype=bool)
    drawn = np.random.default_rng(0).permutation(len(labels))[
        :TRIALS
    ]  # any fixed step may meet a rhythm in the labels
    examples, right = np.asarray(inputs)[drawn], np.asarray(labels)[drawn]
    for form in forms:
        try:
            if np.shape(ask(form(examples[:2]))) != (len(examples[:2]), num_classes):
                continue
            scores = np.asarray(ask(form(examples)))
        except Exception:
            continue
        now = scores.argmax(axis=1) == right
        if best is None or int(now.sum()) - int(hits.sum()) > CLEARLY * np.sqrt(
            (now != hits).sum()
        ):
            best, hits = form, now
    return best
