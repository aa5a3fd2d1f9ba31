"""The smallest input that still fails: a failing case is cut along its axes while it stays wrong.

Only the task knows which shorter inputs make sense, so it gives a name to each axis of each
argument that may be cut; axes of one name are cut together. The search first tries all axes short
at once, because most mistakes show in a few numbers. Then, axis by axis, it halves its way to the
shortest beginning that still fails, and to the shortest end of that: a mistake at the border of two
million numbers of a convolution comes out as nine. Pure: what is asked, and what counts as failing,
is up to the caller.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

Case = tuple[Any, ...]  # the arguments of one call
Windows = dict[str, tuple[int, int]]  # axis -> first kept, first no longer kept

WHOLE = "."  # the name of an axis that is never cut


class Enough(Exception):
    """The search is over: the smallest case found so far will do. `fails` may raise it as well."""


def smallest(case: Case, axes: Sequence[str], fails: Callable[[Case], bool], most: int) -> Case:
    """Return the smallest case found that still fails; `case` itself if none does.

    axes: the names of each argument's axes, "n d"; an array with fewer axes has the last ones. An
    axis called "." is never cut, nor is an argument whose names are "". fails: whether a smaller
    case makes sense and fails as `case` does; called `most` times at most. ValueError if the axes
    do not fit the case.
    """
    search = Search(case, axes, fails, most)
    with contextlib.suppress(Enough):
        search.run()
    return search.smallest()


class Search:
    """One search: the windows of the axes that are kept so far, and the tries that are left."""

    def __init__(
        self, case: Case, axes: Sequence[str], fails: Callable[[Case], bool], most: int
    ) -> None:
        self._case = case
        self._axes = axes
        self._fails = fails
        self._tries_left = most
        self._sizes = axis_sizes(case, axes)
        self._kept: Windows = {name: (0, size) for name, size in self._sizes.items()}

    def smallest(self) -> Case:
        """Return the case as far as it has been cut."""
        return cut(self._case, self._axes, self._kept)

    def run(self) -> None:
        """Cut as far as possible; Enough once nothing more may be tried."""
        self._shorten_all()
        longest_first = sorted(self._sizes, key=lambda name: -self._kept[name][1])
        for name in longest_first:
            self._drop_end(name)
            self._drop_beginning(name)

    def _shorten_all(self) -> None:
        """Find a length to which all axes at once can be cut, trying short ones first."""
        for length in growing(max(self._sizes.values(), default=1)):
            if self._still_fails(
                {name: (0, min(size, length)) for name, size in self._sizes.items()}
            ):
                return

    def _drop_end(self, name: str) -> None:
        """Halve towards the shortest beginning of an axis that still fails."""
        too_short = 0
        long_enough = self._kept[name][1]
        while long_enough - too_short > 1:
            middle = (too_short + long_enough) // 2
            if self._still_fails({name: (0, middle)}):
                long_enough = middle
            else:
                too_short = middle

    def _drop_beginning(self, name: str) -> None:
        """Halve towards the shortest end of what is left of an axis."""
        start, end = self._kept[name]
        too_late = end
        while too_late - start > 1:
            middle = (start + too_late) // 2
            if self._still_fails({name: (middle, end)}):
                start = middle
            else:
                too_late = middle

    def _still_fails(self, tried: Windows) -> bool:
        """Whether the case fails with these windows too, which are then kept."""
        if self._tries_left == 0:
            raise Enough
        self._tries_left -= 1
        if not self._fails(cut(self._case, self._axes, self._kept | tried)):
            return False
        self._kept |= tried
        return True


def growing(size: int) -> Iterator[int]:
    """Yield 1, 2, 3, 4, 6, 8, 12, 16 ... below a size."""
    length = 1
    while length < size:
        yield length
        if length >= 2 and length * 3 // 2 < size:
            yield length * 3 // 2
        length *= 2


def axis_sizes(case: Case, axes: Sequence[str]) -> dict[str, int]:
    """Return how long each named axis is in a case.

    ValueError if two axes of one name differ in length, or an axis has no name.
    """
    sizes: dict[str, int] = {}
    for value, names in zip(case, axes, strict=True):
        if not names:
            continue
        for name, size in zip(names_of(value, names), np.shape(value), strict=True):
            if name != WHOLE and sizes.setdefault(name, size) != size:
                raise ValueError(
                    f"axis {name!r} is {sizes[name]} long in one argument and {size} in another"
                )
    return sizes


def names_of(value: Any, names: str) -> list[str]:
    """Return the names of a value's axes, the last ones if there are more names than axes."""
    known = names.split()
    dimensions = np.ndim(value)
    if dimensions > len(known):
        raise ValueError(f"{names!r} names {len(known)} axes, and there are {dimensions}")
    return known[len(known) - dimensions :]


def cut(case: Case, axes: Sequence[str], windows: Windows) -> Case:
    """Return a case with each named axis cut to its window, as new C-contiguous arrays."""
    return tuple(
        cut_argument(value, names, windows) for value, names in zip(case, axes, strict=True)
    )


def cut_argument(value: Any, names: str, windows: Windows) -> Any:
    """Return one argument, cut to the windows of its axes; a number or text stays as it is."""
    if not names or np.ndim(value) == 0:
        return value
    slices = [slice(*windows.get(name, (0, None))) for name in names_of(value, names)]
    return np.ascontiguousarray(value[tuple(slices)])
