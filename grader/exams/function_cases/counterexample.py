"""Judge an input that a learner found: does a function that is wrong, and shown to the learner, go
wrong on it?

The wrong function and the right one both run here, on what came over the wire: numbers alone, of
the shape, the kind and the range that the task fixed before, so that neither can be made to take
long or to need much memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.errors import TaskError
from grader.exams.function_cases.compare import Mismatch, kind_of, show
from grader.sandbox.box import Value

MOST_ELEMENTS = 10_000  # in all parts of one input together
Case = tuple[Any, ...]
Judge = Callable[[Case, Sequence[Value]], Mismatch | None]


@dataclass(frozen=True)
class Wanted:
    """What one part of an input has to be: its shape, () for one number, and its range, both ends
    allowed.
    """

    shape: tuple[int, ...]
    low: float
    high: float
    whole: bool = False

    def __str__(self) -> str:
        kind = "whole number" if self.whole else "number"
        what = f"{kind}s of shape {self.shape}" if self.shape else f"one {kind}"
        return f"{what}, from {self.low:g} to {self.high:g}"


def counterexample(
    wrong: Callable[..., Any],
    right: Callable[..., Any],
    wanted: Callable[..., Sequence[Wanted]],
    by: float = 0.01,
) -> Judge:
    """Return the judge for a function that has to find an input on which `wrong` differs from
    `right`.

    wanted: from the arguments of a case to what each part of the input has to be. by: how far apart
    two numbers have to be; of a right one beyond 1, that share of it. A number that is not finite,
    another shape and an exception are apart from any right answer. An input on which nothing is
    right breaks nothing.
    """
    name = wrong.__name__

    def judge(case: Case, received: Sequence[Value]) -> Mismatch | None:
        parts = list(wanted(*case))
        if sum(int(np.prod(part.shape)) for part in parts) > MOST_ELEMENTS:
            raise TaskError(
                f"task.py: an input for {name}() may hold {MOST_ELEMENTS} numbers, not more"
            )
        for place, (part, value) in enumerate(zip(parts, received, strict=True)):
            trouble = unfit(part, value)
            if trouble:
                return Mismatch(trouble, str(part), kind_and_value(value), place=place)
        arrays = [as_array(part, value) for part, value in zip(parts, received, strict=True)]
        truth, given = outcome(right, arrays), outcome(wrong, arrays)
        shown = "\n".join(show(array) for array in arrays)
        if truth is None or not np.isfinite(truth).all():
            return Mismatch(
                "nothing is right there", f"an input on which a right {name}() has an answer", shown
            )
        if given is None or are_apart(truth, given, by):
            return None
        notes = (
            f"there {name}() gives  {on_one_line(given)}",
            f"and right is  {on_one_line(truth)}",
        )
        return Mismatch(
            f"{name}() stands this",
            f"an input on which it is wrong by {by:g} or more",
            shown,
            notes,
        )

    return judge


def unfit(part: Wanted, value: Value) -> str:
    """Say what is wrong with one part of an input; empty if it can be tried."""
    content = value.content
    if isinstance(content, list):
        return "wrong type"
    if content.shape != part.shape:
        return "wrong shape"
    if content.dtype.kind not in ("iu" if part.whole else "iuf"):
        return "wrong dtype"
    if not np.isfinite(content).all():
        return "not finite"
    return (
        "out of range"
        if content.size and (content.min() < part.low or content.max() > part.high)
        else ""
    )


def as_array(part: Wanted, value: Value) -> np.ndarray:
    """Return a part that fits as float64, or int64 where whole numbers are wanted."""
    return np.asarray(value.content).astype(np.int64 if part.whole else np.float64)


def outcome(function: Callable[..., Any], arrays: Sequence[np.ndarray]) -> np.ndarray | None:
    """Return what a function of the task answers to copies of the arrays; None if it raises an
    exception.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return np.asarray(function(*(array.copy() for array in arrays)), dtype=np.float64)
    except Exception:
        return None


def are_apart(truth: np.ndarray, given: np.ndarray, by: float) -> bool:
    """Whether an answer is wrong by so much; `truth` is finite."""
    if given.shape != truth.shape or not np.isfinite(given).all():
        return True
    return bool(np.any(np.abs(given - truth) >= by * np.maximum(1.0, np.abs(truth))))


def on_one_line(array: np.ndarray) -> str:
    return " ".join(show(array).split())


def kind_and_value(value: Value) -> str:
    return f"{kind_of(value.content)}: {show(value.content)}"
