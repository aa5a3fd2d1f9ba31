"""How raw texts become what a model was trained on, inferred from what it was given.

Texts become numbers by an encoding: the one of `keras.datasets.imdb`, a vectorizer or a tokenizer
that the script taught its words. Lists of numbers are then cut and filled to one length, or turned
into a vector with a place for each number. Every way is tried on the training texts, until one
gives the very rows a model was fed with.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

CHUNK = 500  # texts encoded at once
ENOUGH = 0.9  # share of the rows that must be found again
FEWEST = 4
WIDEST_VECTOR = 100_000

Encode = Callable[[list[str]], Any]
Form = Callable[[list[str]], np.ndarray]
Layout = Callable[[Any], np.ndarray | None]  # what an encoder gave -> rows, None where it can't be


def infer(rows: np.ndarray, texts: list[str], encoders: list[Encode]) -> Form | None:
    """Return the form that gives these rows, shape (k, ...), from raw training texts, or None."""
    if rows.dtype.kind in "OSU":
        return as_strings(rows.shape[1:])
    if rows.ndim != 2 or len(rows) < FEWEST or rows.dtype.kind not in "uif":
        return None
    for encode in reversed(encoders):  # the newest first
        form = found_again(rows, texts, encode)
        if form is not None:
            return form
    return None


def as_strings(shape: tuple[int, ...]) -> Form:
    """Return a form that hands texts on as they are, in an object array of shape (n, *shape)."""

    def form(texts: list[str]) -> np.ndarray:
        array = np.empty(len(texts), dtype=object)
        array[:] = texts
        return array.reshape(len(texts), *shape)

    return form


def found_again(rows: np.ndarray, texts: list[str], encode: Encode) -> Form | None:
    """Return the first way to lay out encoded texts that gives these rows from training texts.

    The texts are gone through in chunks, and the search ends as soon as one way has given enough.
    """
    wanted = {row.tobytes() for row in rows}
    allowed = (1 - ENOUGH) * len(wanted)
    open_layouts = dict(layouts(rows))
    missing = {name: set(wanted) for name in open_layouts}
    for start in range(0, len(texts), CHUNK):
        try:
            encoded = encode(texts[start : start + CHUNK])
        except Exception:  # a learner's own object that takes texts in another form
            return None
        for name, layout in list(open_layouts.items()):
            made = layout(encoded)
            if made is None:
                del open_layouts[name]
            else:
                missing[name] -= {row.tobytes() for row in made}
        for name, layout in open_layouts.items():
            if len(missing[name]) <= allowed:
                return through(encode, layout)
    return None


def through(encode: Encode, layout: Layout) -> Form:
    return lambda texts: np.asarray(layout(encode(texts)))


def layouts(rows: np.ndarray) -> Iterator[tuple[str, Layout]]:
    """Yield ways to bring encoded texts into the width and dtype of the rows, with a name each."""
    width = rows.shape[1]
    dtype = rows.dtype
    yield "as it is", lambda encoded: ready(encoded, width, dtype)
    sides = (True, False)
    for filler, before, keeps_end in itertools.product(fillers_of(rows), sides, sides):
        layout = filled(width, dtype, filler, before=before, keeps_end=keeps_end)
        yield f"{filler} {before} {keeps_end}", layout
    if width <= WIDEST_VECTOR and rows.min() >= 0:
        yield "which", lambda encoded: vectors(encoded, width, dtype, counted=False)
        yield "how often", lambda encoded: vectors(encoded, width, dtype, counted=True)


def fillers_of(rows: np.ndarray) -> list[float]:
    """Return what short texts may have been filled up with: 0, or what stands at either end."""
    first = np.unique(rows[:, 0])[:1].tolist()
    last = np.unique(rows[:, -1])[:1].tolist()
    return list(dict.fromkeys([0, *first, *last]))


def ready(encoded: Any, width: int, dtype: np.dtype) -> np.ndarray | None:
    """Return what an encoder gave as an array, if it is one of this width."""
    if isinstance(encoded, list) or not hasattr(encoded, "__array__"):
        return None
    array = np.asarray(encoded)
    if array.ndim != 2 or array.shape[1] != width:
        return None
    return array.astype(dtype)


def filled(width: int, dtype: np.dtype, filler: float, *, before: bool, keeps_end: bool) -> Layout:
    """Return what brings lists of numbers to one width.

    Longer ones lose their beginning or their end, shorter ones are filled before or after.
    """

    def layout(encoded: Any) -> np.ndarray | None:
        if not isinstance(encoded, list):
            return None
        made = np.full((len(encoded), width), filler, dtype=dtype)
        for row, numbers in zip(made, encoded, strict=True):
            kept = numbers[-width:] if keeps_end else numbers[:width]
            if kept and before:
                row[-len(kept) :] = kept
            elif kept:
                row[: len(kept)] = kept
        return made

    return layout


def vectors(encoded: Any, width: int, dtype: np.dtype, *, counted: bool) -> np.ndarray | None:
    """Return a vector for each text that says which numbers it has, or how often it has them.

    None where a number has no place in this width.
    """
    if not isinstance(encoded, list):
        return None
    made = np.zeros((len(encoded), width), dtype=dtype)
    for row, numbers in zip(made, encoded, strict=True):
        places = np.asarray(numbers, dtype=np.int64)
        if places.size and (places.max() >= width or places.min() < 0):
            return None
        if counted:
            np.add.at(row, places, 1)
        else:
            row[places] = 1
    return made
