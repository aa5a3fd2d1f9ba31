"""How raw texts become what a model was trained on, inferred from what it was given.

Texts become numbers by an encoding: the one of `keras.datasets.imdb`, a vectorizer or a tokenizer
that the script taught its words. Lists of numbers are then cut and filled to one length, or turned
into a vector with a place for each number. Every way is tried on the training texts; the one that
gives the very rows a model was fed with is it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

CHUNK = 500  # texts encoded at once
ENOUGH = 0.9  # share of the rows that must be found again
FEWEST = 4
WIDEST_VECTOR = 100_000

Encode = Callable[[list[str]], Any]
Form = Callable[[list[str]], np.ndarray]


def infer(rows: np.ndarray, texts: list[str], encoders: list[Encode]) -> Form | None:
    """Return the form that gives these rows, shape (k, ...), from raw training texts; None if none
    does.
    """
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
    """Return the first way of laying out what `encode` gives under which the training texts give
    these rows.
    """
    wanted = {row.tobytes() for row in rows}
    left = {name: set(wanted) for name, _ in layouts(rows)}
    for start in range(0, len(texts), CHUNK):
        try:
            encoded = encode(texts[start : start + CHUNK])
        except Exception:  # a learner's own object that takes texts in another form
            return None
        for name, layout in layouts(rows):
            if name in left:
                made = layout(encoded)
                if made is None:
                    del left[name]
                else:
                    left[name] -= {row.tobytes() for row in made}
        for name, layout in layouts(rows):
            if name in left and len(left[name]) <= (1 - ENOUGH) * len(wanted):
                return through(encode, layout)
    return None


def through(encode: Encode, layout: Callable[[Any], Any]) -> Form:
    return lambda texts: np.asarray(layout(encode(texts)))


def layouts(rows: np.ndarray) -> Iterator[tuple[str, Callable[[Any], np.ndarray | None]]]:
    """Return ways to bring encoded texts into the width and dtype of the rows, with a name each."""
    width, dtype = rows.shape[1], rows.dtype
    yield "as it is", lambda encoded: ready(encoded, width, dtype)
    fillers = dict.fromkeys(
        (0, *np.unique(rows[:, 0])[:1].tolist(), *np.unique(rows[:, -1])[:1].tolist())
    )
    for filler in fillers:
        for before in (True, False):
            for keeps_end in (True, False):
                yield (
                    f"{filler} {before} {keeps_end}",
                    filled(width, dtype, filler, before, keeps_end),
                )
    if width <= WIDEST_VECTOR and rows.min() >= 0:
        yield "which", lambda encoded: vectors(encoded, width, dtype, False)
        yield "how often", lambda encoded: vectors(encoded, width, dtype, True)


def ready(encoded: Any, width: int, dtype: np.dtype) -> np.ndarray | None:
    """Return what an encoder gave as an array, if it is one of this width."""
    if isinstance(encoded, list) or not hasattr(encoded, "__array__"):
        return None
    array = np.asarray(encoded)
    return array.astype(dtype) if array.ndim == 2 and array.shape[1] == width else None


def filled(
    width: int, dtype: np.dtype, filler: float, before: bool, keeps_end: bool
) -> Callable[[Any], np.ndarray | None]:
    """Return what cuts lists of numbers to a width, at the beginning or the end, and fills the
    shorter ones.
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


def vectors(encoded: Any, width: int, dtype: np.dtype, counted: bool) -> np.ndarray | None:
    """Return a vector for each text that says which numbers it has, or how often; None where a
    number has no place.
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
