"""Whether two figures differ beyond chance: one rule for `grader compare` and for pages.

A difference means something if the intervals of both figures lie apart, or if both are exact, such
as counts of cases. Where a figure is one sample without an interval, nothing is claimed.
"""

from __future__ import annotations

from typing import Literal

from grader.records import Measured
from grader.results.ranking import are_disjoint

Meaning = Literal["differs", "same", "within the intervals", "not known"]
EXACT = ("cases", "parameters")  # counted, not sampled


def meaning_of(key: str, one: Measured | None, other: Measured | None) -> Meaning:
    """Say whether two figures differ beyond chance."""
    if one is None or other is None:
        return "not known"
    if one.value == other.value:
        return "same"
    if one.interval is not None and other.interval is not None:
        is_apart = are_disjoint(one.interval, other.interval)
        return "differs" if is_apart else "within the intervals"
    return "differs" if key in EXACT else "not known"
