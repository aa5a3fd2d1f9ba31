"""Is a received value the expected one, and if not, how to say so.

The order is type, shape, dtype, finite, value: the first difference is the one shown. Expected and
received never print alike: where a short form would, more digits are shown.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.sandbox.box import Value

TOLERANCE = {"float64": (1e-7, 1e-9), "float32": (1e-4, 1e-6), "float16": (2e-2, 2e-3)}  # relative, absolute
SHOWN_ELEMENTS = 8
SHOWN_TEXT = 200
DIGITS = (6, 9, 12, 17)
KINDS = {"f": "a floating-point number", "i": "a whole number", "u": "a whole number", "b": "True or False"}


@dataclass(frozen=True)
class Mismatch:
    """The first difference found."""

    what: str  # "wrong shape", "wrong value" ...
    expected: str
    received: str


def compare(
    expected: Sequence[Any],
    received: Sequence[Value],
    arguments: Sequence[Any],
    names: Sequence[str],
    tolerance: Mapping[str, tuple[float, float]],
) -> Mismatch | None:
    """Compare each returned value with its right answer; None where all agree."""
    for want, got, name in zip(expected, received, names, strict=True):
        problem = compare_one(want, promoted(want, got), arguments, tolerance)
        if problem is not None:
            label = f"{name}: " if len(names) > 1 else ""
            return Mismatch(label + problem.what, problem.expected, problem.received)
    return None


def promoted(want: Any, got: Value) -> np.ndarray | list[str]:
    """A Python whole number passes for a float where a float is due: `max(0, x)` gives 0, and means 0.0."""
    content = got.content
    if (
        isinstance(content, list) or not got.scalar or content.ndim
    ):  # an array that claims to be a number stays as it is
        return content
    if content.dtype.kind != "i" or np.asarray(want).dtype.kind != "f":
        return content
    return content.astype(np.float64)


def compare_one(
    want: Any, got: np.ndarray | list[str], arguments: Sequence[Any], tolerance: Mapping[str, tuple[float, float]]
) -> Mismatch | None:
    """Compare one value: type, shape, dtype, finite, value."""
    texts = want if isinstance(want, list) and want and isinstance(want[0], str) else None
    texts = [want] if isinstance(want, str) else texts
    if texts is not None or isinstance(got, list):
        if not isinstance(got, list) or texts is None:
            return Mismatch("wrong type", kind_of(want), kind_of(got))
        return None if got == texts else Mismatch("wrong text", *texts_apart(texts, got))
    right = np.asarray(want)
    if got.shape != right.shape:
        return Mismatch("wrong shape", f"shape {right.shape}", f"shape {got.shape}: {show(got)}")
    floating = right.dtype.kind == "f"
    if (got.dtype.kind == "f") != floating and not (right.dtype.kind in "iu" and is_whole(got)):
        return Mismatch(
            "wrong dtype", f"{right.dtype} ({KINDS.get(right.dtype.kind, '')})", f"{got.dtype}: {show(got)}"
        )
    if not floating:
        return None if np.array_equal(got, right) else values_differ(right, got, got != right)
    bad = ~np.isfinite(got) & np.isfinite(right)
    if bad.any():
        return Mismatch("not finite", *tell(right, got, bad))
    relative, absolute = tolerance_for(arguments, tolerance)
    right = right.astype(np.float64)
    with np.errstate(all="ignore"):
        wide = got.astype(np.float64)
        close = np.isfinite(right) & (np.abs(wide - right) <= absolute + relative * np.abs(right))
        close |= (wide == right) | (np.isnan(wide) & np.isnan(right))
    return None if close.all() else values_differ(right, wide, ~close)


def tolerance_for(arguments: Sequence[Any], tolerance: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Return (relative, absolute) for the coarsest floating dtype among the arguments.

    The answer's own dtype has no say: whoever answers in half precision is not judged more gently.
    """
    dtypes = [np.asarray(item).dtype for item in arguments if not isinstance(item, str | list)]
    floats = [dtype for dtype in dtypes if dtype.kind == "f"]
    coarsest = min(floats, key=lambda dtype: dtype.itemsize, default=np.dtype(np.float64))
    table = TOLERANCE | dict(tolerance)
    return table[coarsest.name]


def is_whole(array: np.ndarray) -> bool:
    """Whether floats stand for whole numbers, as `np.sum` of counts gives them."""
    return array.dtype.kind == "f" and bool(np.all(array == np.round(array)))


def values_differ(right: np.ndarray, got: np.ndarray, wrong: np.ndarray) -> Mismatch:
    """Describe wrong values, and a constant ratio where there is one."""
    expected, received = tell(right, got, wrong)
    return Mismatch("wrong value", expected, received + ratio_note(right, got))


def ratio_note(right: np.ndarray, got: np.ndarray) -> str:
    """Say so if every received value is the same multiple of the expected one."""
    if right.dtype.kind != "f" or got.dtype.kind != "f" or right.size < 2:
        return ""
    used = np.abs(right) > 1e-12
    if used.sum() < 2 or np.any(np.abs(got[~used]) > 1e-9):
        return ""
    with np.errstate(all="ignore"):
        ratios = got[used] / right[used]
    ratio = float(np.median(ratios))
    if ratio in (0.0, 1.0) or not np.allclose(ratios, ratio, rtol=1e-5, atol=0):
        return ""
    return f"\n  every value is {ratio:.6g} times the expected one"


def tell(right: np.ndarray, got: np.ndarray, wrong: np.ndarray) -> tuple[str, str]:
    """Return texts for expected and received: whole if small, else the worst element and where it is."""
    if right.size <= SHOWN_ELEMENTS:
        return apart(right, got)
    with np.errstate(all="ignore"):
        gap = np.where(wrong, np.nan_to_num(np.abs(got.astype(np.float64) - right), nan=np.inf), -1.0)
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(gap)), right.shape))
    expected, received = apart(right[index], got[index])
    place = f"at index {index if len(index) > 1 else index[0]} of shape {right.shape}"
    return f"{expected} {place}", f"{received} there; {int(wrong.sum())} of {right.size} values are wrong"


def texts_apart(right: list[str], got: list[str]) -> tuple[str, str]:
    """Return two texts that show where the first difference between two lists of texts is."""
    if len(right) != len(got):
        return kind_of(right), kind_of(got)
    number = next(i for i, (one, other) in enumerate(zip(right, got, strict=True)) if one != other)
    one, other = right[number], got[number]
    place = f"text {number + 1} of {len(right)}: " if len(right) > 1 else ""
    if max(len(one), len(other)) <= SHOWN_TEXT:
        return f"{place}{one!r}", f"{place}{other!r}"
    at = next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    part = slice(max(0, at - SHOWN_TEXT // 4), at + SHOWN_TEXT // 2)
    place += f"from character {part.start + 1} of "
    return f"{place}{len(one)}: {one[part]!r}", f"{place}{len(other)}: {other[part]!r}"


def apart(right: Any, got: Any) -> tuple[str, str]:
    """Return two texts that differ, with as many digits as that takes."""
    for digits in DIGITS:
        pair = show(right, digits), show(got, digits)
        if pair[0] != pair[1]:
            return pair
    return f"{pair[0]} ({kind_of(right)})", f"{pair[1]} ({kind_of(got)})"


def kind_of(value: Any) -> str:
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return f"{len(value)} texts" if len(value) != 1 else "a text"
    array = np.asarray(value)
    return f"{array.dtype} of shape {array.shape}" if array.ndim else f"a number of dtype {array.dtype}"


def show(value: Any, digits: int = 6) -> str:
    """Return a short text for a value: numbers rounded to `digits`, long arrays cut in the middle."""
    if isinstance(value, str | list):
        text = repr(value[0] if isinstance(value, list) and len(value) == 1 else value)
        return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]} [cut, {len(text)} characters]"
    array = np.asarray(value)
    if array.ndim == 0:
        item = array.item()
        return f"{item:.{digits}g}" if isinstance(item, float) else str(item)
    edge = 3 if array.ndim < 3 else 1  # three from each end of four axes would print 1296 numbers
    text = np.array2string(
        array, precision=digits, threshold=3 * SHOWN_ELEMENTS, edgeitems=edge, separator=", ", max_line_width=100
    )
    return re.sub(r"\n[\n ]*\n", "\n", text).replace("\n", "\n            ")


def show_arguments(function: Callable[..., Any], case: Sequence[Any]) -> str:
    """Return one line an argument: its name, what it is, and its value."""
    names = [*inspect.signature(function).parameters]
    names += [f"argument {i}" for i in range(len(names), len(case))]
    lines = []
    for name, value in zip(names, case, strict=False):
        array = not isinstance(value, str | list) and np.ndim(value) > 0
        about = f"{kind_of(value)} " if array else ""
        lines.append(f"  {name} = {about}{show(value)}")
    return "\n".join(lines)
