"""The smallest input that still fails: a failing case is cut along its axes, as far as the answer
stays wrong.

Which axes may be cut is the task's to say, because it alone knows which inputs make sense: a name
for each axis of each argument, and axes of one name are cut together. All axes are tried short
first, for that is quick; then, of one after the other, the shortest beginning that still fails is
looked for by halving, and the shortest end of that. Pure: what is asked, and what counts as
failing, is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

Case = tuple[Any, ...]
Windows = dict[str, tuple[int, int]]  # axis -> (first, behind the last) of what is kept


WHOLE = "."  # the name of an axis that is never cut


class Enough(Exception):
    """So much has been tried that the smallest one so far will do. `fails` may raise it as well."""


def smallest(case: Case, axes: Sequence[str], fails: Callable[[Case], bool], most: int) -> Case:
    """Return the smallest case found that still fails, `case` itself if none does.

    axes: the names of each argument's axes, "n d"; an array of fewer axes has the last of them. An
    axis called "." is never cut, nor is an argument whose names are "".
    fails: whether a smaller case is a sensible one and fails as `case` does. It is called `most`
    times at most.
    """
    sizes = axis_sizes(case, axes)
    windows: Windows = {name: (0, size) for name, size in sizes.items()}
    left = [most]

    def still(tried: Windows) -> bool:
        if not left[0]:
            raise Enough
        left[0] -= 1
        if not fails(cut(case, axes, windows | tried)):
            return False
        windows.update(tried)
        return True

    try:
        for most_long in growing(max(sizes.values(), default=1)):
            if still({name: (0, min(size, most_long)) for name, size in sizes.items()}):
                break
        for name in sorted(sizes, key=lambda name: -windows[name][1]):
            low, high = 0, windows[name][1]  # no beginning of `low` fails, one of `high` does
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if still({name: (0, middle)}) else (middle, high)
            start, behind = 0, high  # from `start` on it fails, from `behind` on nothing is left
            while behind - start > 1:
                middle = (start + behind) // 2
                start, behind = (
                    (middle, behind) if still({name: (middle, high)}) else (start, middle)
                )
    except Enough:
        pass
    return cut(case, axes, windows)


def growing(size: int) -> Iterator[int]:
    """Yield 1, 2, 3, 4, 6, 8, 12, 16 ... below a size."""
    length = 1
    while length < size:
        yield length
        if length >= 2 and length * 3 // 2 < size:
            yield length * 3 // 2
        length *= 2


def axis_sizes(case: Case, axes: Sequence[str]) -> dict[str, int]:
    """Return how long each named axis is in a case; ValueError if two of one name differ, or an
    axis has no name.
    """
    sizes: dict[str, int] = {}
    for value, names in zip(case, axes, strict=True):
        for name, size in zip(
            names_of(value, names), np.shape(value) if names else (), strict=True
        ):
            if name != WHOLE and sizes.setdefault(name, size) != size:
                raise ValueError(
                    f"axis {name!r} is {sizes[name]} long in one argument and {size} in another"
                )
    return sizes


def names_of(value: Any, names: str) -> list[str]:
    """Return the names of a value's axes."""
    if not names:
        return []
    known, dimensions = names.split(), np.ndim(value)
    if dimensions > len(known):
        raise ValueError(f"{names!r} names {len(known)} axes, and there are {dimensions}")
    return known[len(known) - dimensions :]


def cut(case: Case, axes: Sequence[str], windows: Windows) -> Case:
    """Return a case with each named axis cut to its window."""
    return tuple(
        np.ascontiguousarray(
            value[tuple(slice(*windows.get(name, (0, None))) for name in names_of(value, names))]
        )
        if names and np.ndim(value)
        else value
        for value, names in zip(case, axes, strict=True)
    )
