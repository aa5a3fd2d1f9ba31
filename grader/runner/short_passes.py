"""In a rehearsal: each pass over the data ends after as many rows as there are different ones.

Stand-ins are as long as the real thing (`given_data`), so that a program's fixed sizes fit. A pass
over all of them would take as long as a training does, and show nothing more. So the loaders of
PyTorch, `fit` and `evaluate` of Keras and the pipelines of TensorFlow stop early; a loop of a
program's own over all rows is ended by the clock instead (`time_up`).
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np

from . import imports
from .given_data import given, rows_of_a_pass
from .pace import PassClock

UNTOLD_BATCHES = 10  # of a pipeline that does not know how long it is
SHORT = 2  # a pass over at most so many times the rows is left whole


class ShortPass:
    """An iterator that ends early in a loop, and is otherwise the one it stands for.

    A program that calls `next` itself counts on its own number of batches and gets all of them.
    """

    def __init__(
        self,
        whole: Iterator[Any],
        rows: int,
        batch: int | None = None,
        clock: PassClock | None = None,
    ) -> None:
        self._whole = whole
        self._rows = rows
        self._batch = batch  # rows of a batch, where that is known; else they are counted
        self._clock = clock

    def __iter__(self) -> ShortPass:
        return self

    def __next__(self) -> Any:
        if self._rows <= 0 and is_loop(sys._getframe(1)):
            self._end()
            raise StopIteration
        try:
            batch = next(self._whole)
        except StopIteration:
            self._end()
            raise
        rows = self._batch or rows_in(batch)
        self._rows -= rows
        if self._clock is not None:
            self._clock.batch(rows)
        return batch

    def _end(self) -> None:
        """Note that the pass is over, once."""
        clock = self._clock
        self._clock = None
        if clock is not None:
            clock.end()

    next = __next__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def is_loop(frame: FrameType) -> bool:
    """Whether a frame takes the next element in a loop right now.

    A submission that calls `next` is not looping; a library that does so is.
    """
    is_own = frame.f_code.co_filename.startswith(imports.FOLDER[0])
    return not is_own or dis.opname[frame.f_code.co_code[frame.f_lasti]] == "FOR_ITER"


def rows_in(batch: Any) -> int:
    """Return how many rows a batch has; one where that does not show."""
    part = batch
    while isinstance(part, tuple | list | dict) and part:
        part = next(iter(part.values())) if isinstance(part, dict) else part[0]
    shape: Any = getattr(part, "shape", ())
    try:
        return int(shape[0]) if len(shape) else 1
    except TypeError:
        return 1


def shortened(whole: Iterator[Any], count: int | None, batch: int | None = None) -> Any:
    """Return an iterator over at most one short pass.

    count: the rows there are, and batch: those of one batch, if they are known.
    """
    rows = rows_of_a_pass()
    if not rows:
        return whole
    if count is not None and count <= SHORT * rows:
        return timed(whole, count, batch)
    return ShortPass(whole, rows, batch, None if count is None else PassClock(count))


def timed(whole: Iterator[Any], count: int, batch: int | None) -> Any:
    """Return an iterator over all rows of a rehearsal that are given once, and time its passes.

    `data.loader(...)` gives them so; in a run it has all that were published.
    """
    rows = rows_of_a_pass()
    published = given().published_rows()
    if count != rows or published <= rows:
        return whole
    return ShortPass(whole, count, batch, PassClock(published))


def shorten_loaders(module: Any) -> None:
    """Let PyTorch's DataLoader end its passes early in a rehearsal."""
    loader = module.DataLoader
    iterate = loader.__iter__

    def short_iter(self: Any) -> Any:
        whole = iterate(self)
        if not rows_of_a_pass():
            return whole
        try:
            count = len(self.dataset)
        except TypeError:
            count = None
        size = self.batch_size or getattr(self.batch_sampler, "batch_size", None)
        return shortened(whole, count, size)

    loader.__iter__ = short_iter


def first_rows(given: Any) -> Any:
    """Return the first rows of an array, or of each array in a list, tuple or dict."""
    rows = rows_of_a_pass()
    if isinstance(given, dict):
        return {name: first_rows(value) for name, value in given.items()}
    if isinstance(given, tuple | list) and any(hasattr(each, "shape") for each in given):
        return type(given)(first_rows(each) for each in given)
    shape = getattr(given, "shape", None)
    if not shape or not hasattr(given, "__getitem__") or not isinstance(shape[0], int):
        return given
    if shape[0] <= SHORT * rows:
        return given
    return given.iloc[:rows] if hasattr(given, "iloc") else given[:rows]


def fit_arguments(
    x: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Return x, and what else `fit` or `evaluate` of Keras is given, cut to one short pass."""
    if not rows_of_a_pass():
        return x, arguments, options
    options = dict(options)
    for name in ("y", "sample_weight", "validation_data"):
        if name in options:
            options[name] = short_pipeline(first_rows(options[name]))
    for name in ("steps_per_epoch", "validation_steps"):
        if options.get(name):
            options[name] = share_of(options[name])
    if arguments:
        arguments = (first_rows(arguments[0]), *arguments[1:])
    if is_numbered(x):
        options.setdefault("steps_per_epoch", share_of(len(x)))
    return short_pipeline(first_rows(x)), arguments, options


def predicted(predict: Any, x: Any) -> Any:
    """Return what Keras' `predict` gives for x: in a rehearsal computed for one short pass.

    A program counts on a row for every row it asked about. The rows of a rehearsal repeat after one
    pass, and so do the answers.
    """
    shape = getattr(x, "shape", None)
    first = first_rows(x) if rows_of_a_pass() and shape else x
    answer = predict(first)
    if first is x or not isinstance(answer, np.ndarray):
        return answer
    return np.resize(answer, (len(x), *answer.shape[1:]))


def is_numbered(source: Any) -> bool:
    """Whether a source gives its batches by their number, as a PyDataset of Keras does."""
    if isinstance(source, tuple | list | dict) or hasattr(source, "shape"):
        return False
    return hasattr(source, "__getitem__") and hasattr(source, "__len__")


def short_pipeline(source: Any) -> Any:
    """Return the beginning of a tf.data pipeline; anything else as it is."""
    take = getattr(source, "take", None)
    if take is None or not hasattr(source, "cardinality"):
        return source
    count = int(source.cardinality())
    return take(share_of(count) if count > 0 else UNTOLD_BATCHES)


def share_of(batches: int) -> int:
    """Return how many of so many batches are one short pass."""
    return max(1, -(-batches * rows_of_a_pass() // given().rows(train=True)))
