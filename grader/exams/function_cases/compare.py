"""Is a received value the expected one, and if not, what is the first difference?

The order is type, shape, dtype, finite, value, because that is the order in which one mends them: a
wrong value in an array of the wrong shape says nothing. Where the numbers tell how they went wrong
(transposed, twice as large, the same distance from right in every case), a note says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader.doctor.observables.ratios import steady_ratio
from grader.exams.function_cases.wording import (
    arrays_apart,
    indented,
    kind_of,
    labelled,
    texts_apart,
)
from grader.sandbox.box import Value

Tolerance = Mapping[str, tuple[float, float]]  # dtype -> relative, absolute

TOLERANCE: dict[str, tuple[float, float]] = {
    "float64": (1e-7, 1e-9),
    "float32": (1e-4, 1e-6),
    "float16": (2e-2, 2e-3),
}
NO_FACTOR = 1e-3  # a ratio this close to 1 is no factor, only a small difference
NOTHING = 1e-12  # an expected value below this says nothing about a ratio
KINDS = {
    "f": "a floating-point number",
    "i": "a whole number",
    "u": "a whole number",
    "b": "True or False",
}


@dataclass(frozen=True)
class Mismatch:
    """The first difference between what was expected and what was received.

    what: "wrong shape", "wrong value" and so on. notes: a line each about where, how many, a
    constant ratio. place: which of the returned values it is about, from 0. wrong: which elements
    of that value are wrong, bool of its shape; None if they differ in another way.
    """

    what: str
    expected: str
    received: str
    notes: tuple[str, ...] = ()
    place: int = 0
    wrong: np.ndarray | None = field(default=None, compare=False, repr=False)


def compare(
    expected: Sequence[Any],
    received: Sequence[Value],
    arguments: Sequence[Any],
    names: Sequence[str],
    tolerance: Tolerance,
) -> Mismatch | None:
    """Compare each returned value with the right one; None if all agree.

    arguments: of the case; their dtypes decide how exact the answer has to be. names: of the
    values. tolerance: the task's own, in the place of `TOLERANCE`.
    """
    for place, (want, got, name) in enumerate(zip(expected, received, names, strict=True)):
        problem = compare_one(want, content_of(got, want), arguments, tolerance)
        if problem is not None:
            label = f"{name}: " if len(names) > 1 else ""
            return replace(problem, what=label + problem.what, place=place)
    return None


def content_of(got: Value, want: Any) -> np.ndarray | list[str]:
    """Return the content of a value; a Python int as a float where a float is expected.

    `max(0, x)` gives 0 and means 0.0. An array of whole numbers stays what it is.
    """
    content = got.content
    if isinstance(content, list) or not got.scalar or content.ndim > 0:
        return content
    if content.dtype.kind == "i" and np.asarray(want).dtype.kind == "f":
        return content.astype(np.float64)
    return content


def compare_one(
    want: Any, got: np.ndarray | list[str], arguments: Sequence[Any], tolerance: Tolerance
) -> Mismatch | None:
    """Compare one value: type, shape, dtype, finite, value."""
    texts = as_texts(want)
    if texts is not None and isinstance(got, list):
        return text_mismatch(texts, got)
    if texts is not None or isinstance(got, list):
        return Mismatch("wrong type", kind_of(want), kind_of(got))
    right = np.asarray(want)
    mismatch = shape_mismatch(right, got) or dtype_mismatch(right, got)
    if mismatch is not None:
        return mismatch
    if right.dtype.kind != "f":
        return None if np.array_equal(got, right) else value_mismatch(right, got, got != right)
    return float_mismatch(right, got, tolerance_for(arguments, tolerance))


def as_texts(want: Any) -> list[str] | None:
    """Return an expected text, or list of texts, as a list; None if it is neither."""
    if isinstance(want, str):
        return [want]
    if isinstance(want, list) and want and isinstance(want[0], str):
        return want
    return None


def text_mismatch(right: list[str], got: list[str]) -> Mismatch | None:
    if got == right:
        return None
    return Mismatch("wrong text", *texts_apart(right, got))


def shape_mismatch(right: np.ndarray, got: np.ndarray) -> Mismatch | None:
    if got.shape == right.shape:
        return None
    expected = f"shape {right.shape}"
    if right.ndim == 0:
        expected += ", a single number"
    received = labelled(f"shape {got.shape}", got)
    return Mismatch("wrong shape", expected, received, same_numbers(right, got))


def dtype_mismatch(right: np.ndarray, got: np.ndarray) -> Mismatch | None:
    if (got.dtype.kind == "f") == (right.dtype.kind == "f"):
        return None
    if right.dtype.kind in "iu" and is_whole(got):
        return None
    expected = f"{right.dtype} ({KINDS.get(right.dtype.kind, '')})"
    return Mismatch("wrong dtype", expected, labelled(f"{got.dtype}", got))


def is_whole(array: np.ndarray) -> bool:
    """Whether floats stand for whole numbers, as `np.sum` of counts gives them."""
    return array.dtype.kind == "f" and bool(np.all(array == np.round(array)))


def float_mismatch(
    right: np.ndarray, got: np.ndarray, tolerance: tuple[float, float]
) -> Mismatch | None:
    """Compare floats of one shape: first whether they are finite where they should be."""
    bad = ~np.isfinite(got) & np.isfinite(right)
    if bad.any():
        return Mismatch("not finite", *arrays_apart(right, got, bad), wrong=bad)
    # In the answer's own dtype a difference could overflow, or be rounded away.
    right = right.astype(np.float64)
    got = got.astype(np.float64)
    close = are_close(right, got, tolerance)
    return None if close.all() else value_mismatch(right, got, ~close)


def are_close(right: np.ndarray, got: np.ndarray, tolerance: tuple[float, float]) -> np.ndarray:
    """Return which elements agree, bool: also where both are NaN, or the same infinity."""
    relative, absolute = tolerance
    with np.errstate(all="ignore"):
        is_near = np.abs(got - right) <= absolute + relative * np.abs(right)
        # Any number is within a tolerance of infinity, so there only the same infinity agrees.
        close: np.ndarray = np.isfinite(right) & is_near
        close |= (got == right) | (np.isnan(got) & np.isnan(right))
    return close


def tolerance_for(arguments: Sequence[Any], tolerance: Tolerance) -> tuple[float, float]:
    """Return (relative, absolute) for the coarsest floating dtype among the arguments.

    The dtype of the answer has no say: whoever answers in half precision is judged as strictly.
    """
    dtypes = [np.asarray(each).dtype for each in arguments if not isinstance(each, str | list)]
    floats = [dtype for dtype in dtypes if dtype.kind == "f"]
    coarsest = min(floats, key=lambda dtype: dtype.itemsize, default=np.dtype(np.float64))
    table = TOLERANCE | dict(tolerance)
    return table[coarsest.name]


# How wrong values went wrong.


def value_mismatch(right: np.ndarray, got: np.ndarray, wrong: np.ndarray) -> Mismatch:
    """Describe wrong values, and a constant ratio where there is one."""
    expected, received, notes = arrays_apart(right, got, wrong)
    ratio = constant_ratio(right, got)
    if ratio is not None:
        notes += (f"every value is {ratio:.6g} times the expected one",)
    return Mismatch("wrong value", expected, received, notes, wrong=wrong)


def constant_ratio(right: np.ndarray, got: np.ndarray) -> float | None:
    """Return received over expected if that is one number for two values or more.

    None if it is 0 or about 1, which says nothing about how the values went wrong.
    """
    if right.dtype.kind != "f" or got.dtype.kind != "f":
        return None
    if np.count_nonzero(np.abs(right) > NOTHING) < 2:
        return None
    with np.errstate(all="ignore"):
        ratio = steady_ratio(
            right.astype(np.float64, copy=False), got.astype(np.float64, copy=False)
        )
    if ratio is None or not np.isfinite(ratio):
        return None
    if ratio == 0 or abs(ratio - 1) <= NO_FACTOR:
        return None
    return ratio


def constant_change(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    """Say what all failing cases have in common: one factor, or one distance from right; else "".

    pairs: right and received of each case, arrays of one shape.
    """
    if len(pairs) < 2:
        return ""
    right = np.concatenate([np.ravel(one) for one, _ in pairs])
    got = np.concatenate([np.ravel(other) for _, other in pairs])
    received = f"in all {len(pairs)} failing cases, the received value is"
    ratio = constant_ratio(right, got)
    if ratio is not None:
        return f"{received} {ratio:.6g} times the expected one"
    gap = constant_gap(right, got)
    if gap is None:
        return ""
    more = "more" if gap > 0 else "less"
    return f"{received} {abs(gap):.6g} {more} than the expected one"


def constant_gap(right: np.ndarray, got: np.ndarray) -> float | None:
    """Return received minus expected if that is one number for all, and not 0."""
    if right.dtype.kind != "f" or got.dtype.kind != "f":
        return None
    with np.errstate(all="ignore"):
        gaps = got.astype(np.float64) - right
    gap = float(np.median(gaps))
    if not np.isfinite(gap) or gap == 0:
        return None
    return gap if np.allclose(gaps, gap, rtol=1e-3, atol=0) else None


def same_numbers(right: np.ndarray, got: np.ndarray) -> tuple[str, ...]:
    """Return a note if an array of the wrong shape holds the right numbers."""
    has_floats = "f" in right.dtype.kind + got.dtype.kind
    if right.size != got.size or right.size < 2 or not has_floats:
        return ()
    is_turned = right.ndim == 2 and got.shape == right.shape[::-1]
    if is_turned and np.allclose(got.T, right):
        return ("its numbers are right: transposed, it would be the expected array",)
    if np.allclose(got.ravel(), right.ravel()):
        return ("its numbers are right and in the right order: only the shape is wrong",)
    return ()


def described(problem: Mismatch) -> str:
    """Return the lines that show one mismatch: expected, received, and the notes."""
    lines = [
        indented(beside("expected", problem.expected)),
        indented(beside("received", problem.received)),
    ]
    lines += [f"  {note}" for note in problem.notes]
    return "\n".join(lines)


def beside(label: str, text: str) -> str:
    """Return a label with a text behind it, or an array of several lines below it."""
    is_block = "\n" in text and text.startswith("[")
    return f"{label}\n{text}" if is_block else f"{label}  {text}"
