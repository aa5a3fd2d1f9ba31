"""Values, and where two of them differ, in words for a learner.

Expected and received never print alike. Whoever reads "expected 0.1, received 0.1" learns nothing,
so more digits are shown where few would not tell the two apart, and in the end the kind of each.
An array is shown whole while it fits on a screen. Of a larger one the first wrong element is shown,
because it often sits at a border that explains it, and the worst three.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

WHOLE_ELEMENTS = 24  # an array of so many is shown whole
FEW_ELEMENTS = 4  # among so few the eye finds the wrong one by itself
WORST = 3
SHOWN_TEXT = 200  # characters
LINE_CHARACTERS = 64  # of an array: with its indent it fits into a terminal of 80
DIGITS = (6, 9, 12, 17)  # tried one after the other; 17 tell any two float64 apart


def show(value: Any, digits: int = 6) -> str:
    """Return a short text for a value: numbers with `digits` digits, long arrays cut short."""
    if isinstance(value, str | list):
        is_single = isinstance(value, list) and len(value) == 1
        return shortened(repr(value[0] if is_single else value))
    array = np.asarray(value)
    if array.ndim == 0:
        item = array.item()
        return f"{item:.{digits}g}" if isinstance(item, float) else str(item)
    return show_array(array, digits)


def shortened(text: str) -> str:
    if len(text) <= SHOWN_TEXT:
        return text
    return f"{text[:SHOWN_TEXT]} [cut, {len(text)} characters]"


def show_array(array: np.ndarray, digits: int) -> str:
    # Three elements from each end of four axes would print 1,296 numbers.
    edge = 3 if array.ndim < 3 else 1
    text = np.array2string(
        array,
        precision=digits,
        threshold=WHOLE_ELEMENTS,
        edgeitems=edge,
        separator=", ",
        max_line_width=LINE_CHARACTERS,
    )
    # NumPy sets the parts of three and more axes apart by empty lines, which take up the screen.
    return re.sub(r"\n[\n ]*\n", "\n", text)


def kind_of(value: Any) -> str:
    """Return what a value is: its dtype and shape, or how many texts."""
    if isinstance(value, list) and len(value) != 1:
        return f"{len(value)} texts"
    if isinstance(value, str | list):
        return "a text"
    array = np.asarray(value)
    if array.ndim == 0:
        return f"a number of dtype {array.dtype}"
    return f"{array.dtype} of shape {array.shape}"


def apart(expected: Any, received: Any) -> tuple[str, str]:
    """Return a text for each of two values, with as many digits as it takes for them to differ."""
    for digits in DIGITS:
        one = show(expected, digits)
        other = show(received, digits)
        if one != other:
            return one, other
    return f"{one} ({kind_of(expected)})", f"{other} ({kind_of(received)})"


def labelled(label: str, array: np.ndarray) -> str:
    """Return a label and an array behind it, or below it if it takes more than one line."""
    text = show(array)
    if "\n" in text:
        return f"{label}:\n{text}"
    return f"{label}: {text}"


def indented(text: str) -> str:
    """Return a text with its first line indented by two columns and the others by six."""
    first, *rest = text.split("\n")
    return "\n".join([f"  {first}", *(f"      {line}" for line in rest)])


def show_arguments(function: Callable[..., Any], case: Sequence[Any]) -> str:
    """Return the arguments of a case, one below the other: name, kind and value.

    function: what has parameters of these names; an argument beyond them is shown by its number.
    """
    names = list(inspect.signature(function).parameters)
    lines = []
    for place, value in enumerate(case):
        name = names[place] if place < len(names) else f"argument {place}"
        is_array = not isinstance(value, str | list) and np.ndim(value) > 0
        text = labelled(kind_of(value), value) if is_array else show(value)
        lines.append(indented(f"{name} = {text}"))
    return "\n".join(lines)


# Where two values differ.


def texts_apart(expected: list[str], received: list[str]) -> tuple[str, str]:
    """Return two texts that show the first difference between two lists of texts that differ."""
    if len(expected) != len(received):
        return kind_of(expected), kind_of(received)
    number = first_difference(expected, received)
    one = expected[number]
    other = received[number]
    place = f"text {number + 1} of {len(expected)}: " if len(expected) > 1 else ""
    if max(len(one), len(other)) <= SHOWN_TEXT:
        return f"{place}{one!r}", f"{place}{other!r}"
    at = first_difference(one, other)
    part = slice(max(0, at - SHOWN_TEXT // 4), at + SHOWN_TEXT // 2)
    place += f"from character {part.start + 1} of "
    return f"{place}{len(one)}: {one[part]!r}", f"{place}{len(other)}: {other[part]!r}"


def first_difference(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the first place at which two sequences differ, or the length of the shorter one."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def arrays_apart(
    expected: np.ndarray, received: np.ndarray, wrong: np.ndarray
) -> tuple[str, str, tuple[str, ...]]:
    """Return texts for what was expected and received, and a line each about where they differ.

    All three arrays have one shape; wrong: bool, which elements differ, at least one.
    """
    first = int(np.argmax(wrong.ravel()))
    if expected.size <= WHOLE_ELEMENTS:
        one, other = apart(expected, received)
    else:
        one, other = apart(expected.flat[first], received.flat[first])
        one += f" at index {index_of(expected, first)} of shape {expected.shape}"
        other += " there"
        if np.count_nonzero(wrong) > 1:
            other += ", the first wrong value"
    return one, other, where_apart(expected, received, wrong, first)


def where_apart(
    expected: np.ndarray, received: np.ndarray, wrong: np.ndarray, first: int
) -> tuple[str, ...]:
    """Return a line about how many elements are wrong, and one for each that is worth naming."""
    size = wrong.size
    count = int(np.count_nonzero(wrong))
    if size <= 1:
        return ()
    lines = [how_many(count, size)]
    is_shown_whole = size <= WHOLE_ELEMENTS
    if size <= FEW_ELEMENTS or (is_shown_whole and count == size):
        return tuple(lines)
    if is_shown_whole:
        word = "wrong" if count == 1 else "first wrong"
        lines.append(f"{word} at {element(expected, received, first)}")
    # Few wrong elements are all named: the first is above already, and these follow it.
    is_all = count <= WORST
    for place in worst_places(expected, received, wrong, min(WORST, count)):
        if is_all and place == first:
            continue
        word = "then" if is_all else "worst"
        lines.append(f"{word} at {element(expected, received, place)}")
    return tuple(lines)


def worst_places(
    expected: np.ndarray, received: np.ndarray, wrong: np.ndarray, count: int
) -> list[int]:
    """Return the places in C order of the `count` wrong elements that are furthest off."""
    with np.errstate(all="ignore"):
        gap = received.astype(np.float64)
        # From here on in place: an answer may have millions of elements.
        gap -= expected
        np.abs(gap, out=gap)
        np.nan_to_num(gap, copy=False, nan=np.inf, posinf=np.inf)
    gap[~wrong] = -1.0
    gap = gap.ravel()
    places: list[int] = []
    for _ in range(count):
        place = int(np.argmax(gap))
        places.append(place)
        gap[place] = -1.0
    return places


def how_many(count: int, size: int) -> str:
    """Say how many of `size` values are wrong."""
    if count < size:
        verb = "is" if count == 1 else "are"
        return f"{count} of {size} values {verb} wrong"
    if size == 2:
        return "both values are wrong"
    return f"all {size} values are wrong"


def element(expected: np.ndarray, received: np.ndarray, place: int) -> str:
    """Return the index and both values of one element, given by its place in C order."""
    one, other = apart(expected.flat[place], received.flat[place])
    return f"{index_of(expected, place)}: expected {one}, received {other}"


def index_of(array: np.ndarray, place: int) -> str:
    """Return the index of an element by its place in C order, as one writes it: 3 or (1, 2)."""
    index = [int(each) for each in np.unravel_index(place, array.shape)]
    if len(index) == 1:
        return str(index[0])
    return str(tuple(index))
