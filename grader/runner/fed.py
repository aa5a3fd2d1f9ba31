"""What a model, or a loop, was fed: some rows of it, from which its form is inferred.

Kept are copies of a few evenly spread rows, or the pipeline they come from, to be looked at once
training is over: nothing is computed in between that the learner's code did not ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

ROWS = 256  # kept of what a model was given
LARGE_ARRAY = 200  # rows; what a script keeps of this length may be its training set
MOST_BATCHES = 64  # looked at of a pipeline


class Looking:
    """Whether the runner itself iterates a pipeline right now, which is nothing to note."""

    def __init__(self) -> None:
        self.now = False

    @contextmanager
    def on(self) -> Iterator[None]:
        """Say so within a `with`."""
        self.now = True
        try:
            yield
        finally:
            self.now = False


LOOKING = Looking()


@dataclass
class Fed:
    """What a model, or a loop, was given: rows, or where they can be had after training."""

    model: Any = None  # None where it is not known which
    rows: np.ndarray | None = None
    source: Any = None
    whole: bool = False  # given to fit: the form of every example this model was trained on

    def look(self) -> np.ndarray | None:
        """Return up to ROWS examples, shape (k, ...), or None."""
        if self.rows is None and self.source is not None:
            self.rows = rows_of_source(self.source)
        return self.rows


def fed_to(model: Any, given: Any) -> Fed:
    """Return what fit was given as x: some rows of an array, or a source to look at later."""
    if isinstance(given, np.ndarray) or hasattr(given, "shape"):
        return Fed(model, rows=rows_of_array(given), whole=True)
    if isinstance(given, list | tuple | dict) or given is None:
        return Fed(model, whole=True)
    return Fed(model, source=given, whole=True)


def rows_of_array(given: Any) -> np.ndarray | None:
    """Return copies of up to ROWS evenly spread rows of an array or tensor; None for others."""
    try:
        array = as_numpy(given)
        if array is None or array.ndim == 0 or len(array) == 0:
            return None
        if array.dtype.name == "bfloat16":
            array = array.astype(np.float32)
        places = np.unique(np.linspace(0, len(array) - 1, ROWS).astype(int))
        return np.array(array[places])
    except Exception:
        # Symbolic tensors, tracers, whatever a learner's object does when it is looked at.
        return None


def as_numpy(given: Any) -> np.ndarray | None:
    """Return an array or tensor of any library as a NumPy array, None for anything else."""
    if type(given) is np.ndarray:
        return given
    if not hasattr(given, "shape") or not hasattr(given, "__array__"):
        return None
    if hasattr(given, "detach"):
        given = given.detach().cpu()
    return np.asarray(given)


def rows_of_source(source: Any) -> np.ndarray | None:
    """Return up to ROWS examples of a tf.data pipeline, a PyDataset or a DataLoader, or None."""
    found: list[np.ndarray] = []
    try:
        with LOOKING.on():
            for element in batches_of(source):
                rows = rows_of_array(inputs_of(element))
                if rows is None or (found and rows.shape[1:] != found[0].shape[1:]):
                    break
                found.append(rows)
                if sum(map(len, found)) >= ROWS or len(found) >= MOST_BATCHES:
                    break
    except Exception:  # a pipeline that cannot be run again shows nothing
        return None
    return np.concatenate(found)[:ROWS] if found else None


def batches_of(source: Any) -> Iterable[Any]:
    """Yield the batches of a source, one after another or by their number."""
    if hasattr(source, "__iter__"):
        return (element for element in source)
    return (source[place] for place in range(len(source)))


def inputs_of(element: Any) -> Any:
    """Return the inputs of a batch that may be a pair of inputs and labels."""
    return element[0] if isinstance(element, tuple | list) and element else element


def begin_generator(given: Iterator[Any]) -> tuple[Iterator[Any], np.ndarray | None]:
    """Return a generator that gives the same as `given`, and the rows of its first batch.

    A generator can be run once only, so its first batch is taken out and handed on.
    """
    first = next(given, None)

    def again() -> Iterator[Any]:
        if first is not None:
            yield first
            yield from given

    return again(), rows_of_array(inputs_of(first))


def arrays_among(names: dict[str, Any]) -> Iterator[Fed]:
    """Yield the large arrays among a script's globals: they may have been fed to its model."""
    for name, value in list(names.items()):
        if name.startswith("_") or not is_large(value):
            continue
        rows = rows_of_array(value)
        if rows is not None and rows.dtype.kind == "f":
            yield Fed(rows=rows)


def is_large(value: Any) -> bool:
    """Whether a value has rows of something, and many of them."""
    try:
        return len(getattr(value, "shape", ())) >= 2 and len(value) >= LARGE_ARRAY
    except TypeError:
        return False
