"""Judge an input that a learner found: does a broken function, shown to the learner, fail on it?

The broken function and the right one both run here, in the grader's own process, on what came from
the box. So what came is only ever numbers of the shape, the kind and the range that the task fixed
before: neither function can be made to take long or to need much memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.errors import TaskError
from grader.exams.function_cases.compare import Mismatch
from grader.exams.function_cases.wording import kind_of, show
from grader.sandbox.box import Value

MOST_ELEMENTS = 10_000  # in all parts of one input together
Case = tuple[Any, ...]
Judge = Callable[[Case, Sequence[Value]], Mismatch | None]


@dataclass(frozen=True)
class Wanted:
    """What one part of an input has to be, so that it may be tried.

    shape: () for one number. low, high: the range of its numbers, both ends allowed. whole: whether
    these have to be whole numbers.

        Wanted((2, 3), low=-1.0, high=1.0)      six numbers
        Wanted((), low=0, high=9, whole=True)   one digit
    """

    shape: tuple[int, ...]
    low: float
    high: float
    whole: bool = False

    def __str__(self) -> str:
        kind = "whole number" if self.whole else "number"
        count = f"{kind}s of shape {self.shape}" if self.shape else f"one {kind}"
        return f"{count}, from {self.low:g} to {self.high:g}"

    def trouble_with(self, value: Value) -> str:
        """Say what is wrong with a received part; empty if it may be tried."""
        content = value.content
        if isinstance(content, list):
            return "wrong type"
        if content.shape != self.shape:
            return "wrong shape"
        if content.dtype.kind not in ("iu" if self.whole else "iuf"):
            return "wrong dtype"
        if not np.isfinite(content).all():
            return "not finite"
        if content.size and (content.min() < self.low or content.max() > self.high):
            return "out of range"
        return ""

    def array_of(self, value: Value) -> np.ndarray:
        """Return a part that may be tried as float64, or int64 where whole numbers are wanted."""
        return np.asarray(value.content).astype(np.int64 if self.whole else np.float64)


def counterexample(
    wrong: Callable[..., Any],
    right: Callable[..., Any],
    wanted: Callable[..., Sequence[Wanted]],
    by: float = 0.01,
) -> Judge:
    """Return a `Function.judge` for a function that has to find an input on which `wrong` is wrong.

    wanted: takes the arguments of a case and returns what each part of the input has to be. by: how
    far the answers of `wrong` and `right` have to lie apart: an absolute difference, or a share of
    right answers beyond 1. An answer that is not finite, another shape and an exception are apart
    from any right answer. An input to which `right` has no finite answer does not count.

    The judge raises TaskError if a case wants more than MOST_ELEMENTS numbers.

        def mean(x):
            return float(sum(x[:-1]) / len(x))  # leaves out the last number

        judge = counterexample(mean, np.mean, lambda n: [Wanted((n,), -100, 100)])
    """

    def judge(case: Case, received: Sequence[Value]) -> Mismatch | None:
        parts = list(wanted(*case))
        must_be_small(parts, wrong.__name__)
        arrays = []
        for place, (part, value) in enumerate(zip(parts, received, strict=True)):
            trouble = part.trouble_with(value)
            if trouble:
                return Mismatch(trouble, str(part), kind_and_value(value), place=place)
            arrays.append(part.array_of(value))
        return judge_input(wrong, right, arrays, by)

    return judge


def must_be_small(parts: Sequence[Wanted], name: str) -> None:
    """Raise TaskError if an input would hold too many numbers to be tried."""
    if sum(int(np.prod(part.shape)) for part in parts) > MOST_ELEMENTS:
        raise TaskError(
            f"task.py: an input for {name}() may hold at most {MOST_ELEMENTS} numbers; ask for "
            "smaller shapes"
        )


def judge_input(
    wrong: Callable[..., Any], right: Callable[..., Any], arrays: Sequence[np.ndarray], by: float
) -> Mismatch | None:
    """Return why `wrong` does not fail on an input; None if it does."""
    name = wrong.__name__
    truth = answer_of(right, arrays)
    given = answer_of(wrong, arrays)
    shown = "\n".join(show(array) for array in arrays)
    if truth is None or not np.isfinite(truth).all():
        due = f"an input for which a correct {name}() has an answer"
        return Mismatch("no right answer", due, shown)
    if given is None or are_apart(truth, given, by):
        return None
    due = f"an input on which it is wrong by {by:g} or more"
    notes = (
        f"on this input {name}() gives  {on_one_line(given)}",
        f"the right answer is  {on_one_line(truth)}",
    )
    return Mismatch(f"{name}() gets this right", due, shown, notes)


def answer_of(function: Callable[..., Any], arrays: Sequence[np.ndarray]) -> np.ndarray | None:
    """Return the answer of one of the task's functions, float64; None if it raises an exception.

    It gets copies: a function that changes its arguments must not change them for the other one.
    """
    copies = [array.copy() for array in arrays]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return np.asarray(function(*copies), dtype=np.float64)
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
