"""Which of many similar cases run with every change, and which wait for the night.

The one way in which this suite chooses among a cross of cases (planted submissions, references,
starters, strangers' programs): each case says of which kinds it is, and cases are taken until every
kind is there. Nothing is drawn. The order is that of a hash of the names, so a new case adds itself
if it is the first of a kind, or nothing, and rarely pushes another out. CONTRIBUTING.md says for
each promise what its kinds are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, TypeVar

import pytest

Case = TypeVar("Case")


def sample(
    cases: Iterable[Case],
    kinds_of: Callable[[Case], Iterable[Hashable]],
    name_of: Callable[[Case], str],
    cost_of: Callable[[Case], float] = lambda case: 0.0,
) -> list[Case]:
    """Return cases of which every kind is there at least once, always the same ones.

    Cases of many kinds come first, as then few are enough; of those with equally many the cheaper
    ones; of those the ones whose name has the smaller hash.
    """

    def order(case: Case) -> tuple[int, float, str]:
        digest = hashlib.sha256(name_of(case).encode()).hexdigest()
        return -len(set(kinds_of(case))), cost_of(case), digest

    chosen: list[Case] = []
    seen: set[Hashable] = set()
    for case in sorted(cases, key=order):
        kinds = set(kinds_of(case))
        if kinds <= seen:
            continue
        chosen.append(case)
        seen |= kinds
    return chosen


def parameters(
    cases: Iterable[Case],
    by_day: Collection[Case],
    name_of: Callable[[Case], str],
    marks_of: Callable[[Case], list[pytest.MarkDecorator]] = lambda case: [],
) -> list[Any]:
    """Return a parameter for each case; those that are not in `by_day` wait for the night."""
    found = []
    for case in cases:
        marks = list(marks_of(case))
        if case not in by_day:
            marks.append(pytest.mark.nightly)
        found.append(pytest.param(case, id=name_of(case), marks=marks))
    return found
