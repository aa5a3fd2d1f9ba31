"""Is a received value the expected one, and if not, how to say so.

The order is type, shape, dtype, finite, value: the first difference is the one shown. Expected and
received never print alike: where a short form would, more digits are shown. Of an array with wrong
elements the first is named, and the worst three.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader.doctor.ratios import steady_ratio
from grader.records import Answer, Number
from grader.sandbox.box import Value

TOLERANCE = {
    "float64": (1e-7, 1e-9),
    "float32": (1e-4, 1e-6),
    "float16": (2e-2, 2e-3),
}  # relative, absolute
WHOLE_ELEMENTS = 24  # an array is shown whole up to here
FEW_ELEMENTS = 4  # in so few the eye finds the wrong one by itself
WORST = 3
NO_FACTOR = 1e-3  # a ratio that close to 1 is told as what it is: a small difference
SHOWN_TEXT = 200
PICTURED = 12  # the longest side of an array that a page shows as a picture
UNUSUAL: dict[str, Number] = {"nan": "nan", "inf": "inf", "-inf": "-inf"}
LINE_CHARACTERS = 64  # of an array: with its indent it fits into a terminal of 80
DIGITS = (6, 9, 12, 17)
KINDS = {
    "f": "a floating-point number",
    "i": "a whole number",
    "u": "a whole number",
    "b": "True or False",
}


@dataclass(frozen=True)
class Mismatch:
    """The first difference found."""

    what: str  # "wrong shape", "wrong value" ...
    expected: str
    received: str
    notes: tuple[str, ...] = ()  # where, how many, the worst, a constant ratio: a line each
    place: int = 0  # which of the returned values it is about
    wrong: np.ndarray | None = field(
        default=None, compare=False, repr=False
    )  # which elements; None: not by element


def compare(
    expected: Sequence[Any],
    received: Sequence[Value],
    arguments: Sequence[Any],
    names: Sequence[str],
    tolerance: Mapping[str, tuple[float, float]],
) -> Mismatch | None:
    """Compare each returned value with its right answer; None where all agree."""
    for place, (want, got, name) in enumerate(zip(expected, received, names, strict=True)):
        problem = compare_one(want, promoted(want, got), arguments, tolerance)
        if problem is not None:
            label = f"{name}: " if len(names) > 1 else ""
            return replace(problem, what=label + problem.what, place=place)
    return None


def promoted(want: Any, got: Value) -> np.ndarray | list[str]:
    """A Python whole number passes for a float where a float is due: `max(0, x)` gives 0, and means
    0.0.
    """
    content = got.content
    if (
        isinstance(content, list) or not got.scalar or content.ndim
    ):  # an array that claims to be a number stays as it is
        return content
    if content.dtype.kind != "i" or np.asarray(want).dtype.kind != "f":
        return content
    return content.astype(np.float64)


def compare_one(
    want: Any,
    got: np.ndarray | list[str],
    arguments: Sequence[Any],
    tolerance: Mapping[str, tuple[float, float]],
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
        due = f"shape {right.shape}" + (", a single number" if not right.ndim else "")
        return Mismatch(
            "wrong shape", due, labelled(f"shape {got.shape}", got), same_numbers(right, got)
        )
    floating = right.dtype.kind == "f"
    if (got.dtype.kind == "f") != floating and not (right.dtype.kind in "iu" and is_whole(got)):
        due = f"{right.dtype} ({KINDS.get(right.dtype.kind, '')})"
        return Mismatch("wrong dtype", due, labelled(f"{got.dtype}", got))
    if not floating:
        return None if np.array_equal(got, right) else values_differ(right, got, got != right)
    bad = ~np.isfinite(got) & np.isfinite(right)
    if bad.any():
        return Mismatch("not finite", *tell(right, got, bad), wrong=bad)
    relative, absolute = tolerance_for(arguments, tolerance)
    right = right.astype(np.float64)
    with np.errstate(all="ignore"):
        wide = got.astype(np.float64)
        close = np.isfinite(right) & (np.abs(wide - right) <= absolute + relative * np.abs(right))
        close |= (wide == right) | (np.isnan(wide) & np.isnan(right))
    return None if close.all() else values_differ(right, wide, ~close)


def tolerance_for(
    arguments: Sequence[Any], tolerance: Mapping[str, tuple[float, float]]
) -> tuple[float, float]:
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
    expected, received, notes = tell(right, got, wrong)
    ratio = constant_ratio(right, got)
    notes += (f"every value is {ratio:.6g} times the expected one",) if ratio is not None else ()
    return Mismatch("wrong value", expected, received, notes, wrong=wrong)


def constant_ratio(right: np.ndarray, got: np.ndarray) -> float | None:
    """Return received over expected where that is one number for two or more values, neither 0 nor
    about 1.
    """
    if (
        right.dtype.kind != "f"
        or got.dtype.kind != "f"
        or np.count_nonzero(np.abs(right) > 1e-12) < 2
    ):
        return None
    with np.errstate(all="ignore"):
        ratio = steady_ratio(
            right.astype(np.float64, copy=False), got.astype(np.float64, copy=False)
        )
    return (
        None
        if ratio is None or ratio == 0 or not abs(ratio - 1) > NO_FACTOR or not np.isfinite(ratio)
        else ratio
    )


def constant_change(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    """Say so if what was received is the same multiple of what is right in all of several cases, or
    as far from it.

    pairs: float arrays of one shape each, right and received.
    """
    if len(pairs) < 2:
        return ""
    right, got = (np.concatenate([np.ravel(pair[side]) for pair in pairs]) for side in (0, 1))
    ratio = constant_ratio(right, got)
    if ratio is not None:
        return f"in all {len(pairs)} failing cases, what was received is {ratio:.6g} times what was expected"
    if right.dtype.kind != "f" or got.dtype.kind != "f":
        return ""
    with np.errstate(all="ignore"):
        gaps = got.astype(np.float64) - right
    gap = float(np.median(gaps))
    if not np.isfinite(gap) or gap == 0 or not np.allclose(gaps, gap, rtol=1e-3, atol=0):
        return ""
    more = "more" if gap > 0 else "less"
    return f"in all {len(pairs)} failing cases, what was received is {abs(gap):.6g} {more} than what was expected"


def same_numbers(right: np.ndarray, got: np.ndarray) -> tuple[str, ...]:
    """Say so if an array of the wrong shape holds the right numbers."""
    if right.size != got.size or right.size < 2 or "f" not in right.dtype.kind + got.dtype.kind:
        return ()
    if right.ndim == 2 and got.shape == right.shape[::-1] and np.allclose(got.T, right):
        return ("its numbers are right: transposed, it would be the expected array",)
    if np.allclose(got.ravel(), right.ravel()):
        return ("its numbers are right, in this order: only the shape is not",)
    return ()


def tell(right: np.ndarray, got: np.ndarray, wrong: np.ndarray) -> tuple[str, str, tuple[str, ...]]:
    """Return texts for expected and received, whole if small, else of the first wrong element; and
    lines of where.
    """
    count, size = int(wrong.sum()), right.size
    with np.errstate(all="ignore"):
        gap = got.astype(np.float64)  # then in place: an answer may be large
        gap -= right
        np.abs(gap, out=gap)
        np.nan_to_num(gap, copy=False, nan=np.inf, posinf=np.inf)
        gap[~wrong] = -1.0
        gap = gap.ravel()
    first = int(np.argmax(wrong.ravel()))
    worst: list[int] = []
    for _ in range(min(WORST, count)):
        worst.append(int(np.argmax(gap)))
        gap[worst[-1]] = -1.0
    if size <= WHOLE_ELEMENTS:
        expected, received = apart(right, got)
        if size <= FEW_ELEMENTS or count == size:
            return expected, received, (how_many(count, size),) if size > 1 else ()
        places = [
            how_many(count, size),
            f"{'first ' if count > 1 else ''}wrong at {element(right, got, first)}",
        ]
    else:
        expected, received = apart(right.flat[first], got.flat[first])
        expected = f"{expected} at index {index_of(right, first)} of shape {right.shape}"
        received = f"{received} there{', the first wrong value' if count > 1 else ''}"
        places = [how_many(count, size)]
    word = "then" if count <= WORST else "worst"
    places += [
        f"{word} at {element(right, got, place)}"
        for place in worst
        if place != first or count > WORST
    ]
    return expected, received, tuple(places)


def how_many(count: int, size: int) -> str:
    """Say how many values are wrong."""
    if count == size:
        return f"{'both' if size == 2 else f'all {size}'} values are wrong"
    return f"{count} of {size} values {'is' if count == 1 else 'are'} wrong"


def index_of(array: np.ndarray, place: int) -> str:
    """Return the index of an element by its place in C order, as one writes it: 3 or (1, 2)."""
    index = tuple(int(each) for each in np.unravel_index(place, array.shape))
    return str(index if len(index) != 1 else index[0])


def element(right: np.ndarray, got: np.ndarray, place: int) -> str:
    """Return one wrong element: its index, and both values."""
    expected, received = apart(right.flat[place], got.flat[place])
    return f"{index_of(right, place)}: expected {expected}, received {received}"


def labelled(label: str, array: np.ndarray) -> str:
    """Return what an array is, and its values: below if they take more than a line."""
    text = show(array)
    return f"{label}:\n{text}" if "\n" in text else f"{label}: {text}"


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
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
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
    return (
        f"{array.dtype} of shape {array.shape}"
        if array.ndim
        else f"a number of dtype {array.dtype}"
    )


def show(value: Any, digits: int = 6) -> str:
    """Return a short text for a value: numbers rounded to `digits`, long arrays cut in the
    middle.
    """
    if isinstance(value, str | list):
        text = repr(value[0] if isinstance(value, list) and len(value) == 1 else value)
        return (
            text
            if len(text) <= SHOWN_TEXT
            else f"{text[:SHOWN_TEXT]} [cut, {len(text)} characters]"
        )
    array = np.asarray(value)
    if array.ndim == 0:
        item = array.item()
        return f"{item:.{digits}g}" if isinstance(item, float) else str(item)
    edge = 3 if array.ndim < 3 else 1  # three from each end of four axes would print 1296 numbers
    text = np.array2string(
        array,
        precision=digits,
        threshold=WHOLE_ELEMENTS,
        edgeitems=edge,
        separator=", ",
        max_line_width=LINE_CHARACTERS,
    )
    return re.sub(r"\n[\n ]*\n", "\n", text)


def show_arguments(function: Callable[..., Any], case: Sequence[Any]) -> str:
    """Return each argument: its name, what it is, and its value, on one line if there is room."""
    names = [*inspect.signature(function).parameters]
    names += [f"argument {i}" for i in range(len(names), len(case))]
    lines = []
    for name, value in zip(names, case, strict=False):
        array = not isinstance(value, str | list) and np.ndim(value) > 0
        lines.append(
            indented(f"{name} = {labelled(kind_of(value), value) if array else show(value)}")
        )
    return "\n".join(lines)


def side_by_side(
    function: str, group: str, name: str, right: Any, got: Any, wrong: np.ndarray | None
) -> Answer | None:
    """Return two arrays of numbers for a picture of both; None unless both are small and have one
    or two axes.

    Axes of length 1 before those are left out of the picture.
    """
    target, yours = rows_of(right), rows_of(got)
    if target is None or yours is None:
        return None
    places = (
        []
        if wrong is None
        else [(int(row), int(column)) for row, column in np.argwhere(sheet_of(wrong))]
    )
    return Answer(
        function=function,
        group=group,
        name=name,
        target_shape=list(np.shape(right)),
        yours_shape=list(np.shape(got)),
        target=target,
        yours=yours,
        wrong=places,
    )


def rows_of(value: Any) -> list[list[Number]] | None:
    """Return a small array's rows as numbers that can be stored; None for anything else."""
    if isinstance(value, str | list):
        return None
    array = np.asarray(value)
    if array.size < 2 or max(array.shape) > PICTURED or array.size > np.prod(array.shape[-2:]):
        return None
    rows = sheet_of(array).astype(np.float64).tolist()
    return [[each if math.isfinite(each) else UNUSUAL[str(each)] for each in row] for row in rows]


def sheet_of(array: np.ndarray) -> np.ndarray:
    """Return an array by its last two axes, of which the others leave one place; one axis is one
    row.
    """
    return array.reshape(array.shape[-2:]) if array.ndim > 2 else np.atleast_2d(array)


def described(problem: Mismatch) -> str:
    """Return the lines about one mismatch: expected, received, and the notes."""
    lines = []
    for label, text in (("expected", problem.expected), ("received", problem.received)):
        is_block = "\n" in text and text.startswith("[")
        lines.append(indented(f"{label}{chr(10) if is_block else '  '}{text}"))
    return "\n".join([*lines, *(f"  {note}" for note in problem.notes)])


def indented(text: str) -> str:
    """Return a text whose first line stands in by two, and the others by six."""
    first, *rest = text.split("\n")
    return "\n".join([f"  {first}", *(f"      {each}" for each in rest)])
