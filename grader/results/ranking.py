"""Ranks of results that are in order, best first. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import Measured, Result

# Two parts of a score without intervals are told apart if they differ by this many points.
TIE_POINTS = {"accuracy": 0.05, "speed": 1.0, "memory": 1.0}
RANK_RULE = (
    "Entries are ordered by total score, then by accuracy. An entry shares the rank of the entry "
    "that leads its group if measurement noise could explain every difference between the two: "
    "their 95 % intervals of accuracy overlap, so do those of their speed ratios, and parts "
    "without an interval differ by less than a point (accuracy without an interval: by less than "
    "0.05)."
)


def rank(accepted: Sequence[Result]) -> list[int]:
    """Return the ranks of results that are sorted best first: 1, 1, 3 if the first two share one.

    "No difference beyond noise" is not transitive: A may equal B and B equal C while A beats C. So
    each result is compared with the leader of the group above it only. Ranks then never run
    backwards, and every member of a group is within the noise of one and the same entry.
    """
    ranks: list[int] = []
    leader: Result | None = None
    place = 0
    for position, result in enumerate(accepted, start=1):
        if leader is None or are_apart(leader, result):
            leader = result
            place = position
        ranks.append(place)
    return ranks


def are_apart(one: Result, other: Result) -> bool:
    """Whether some part of the score tells two results apart beyond measurement noise."""
    if one.score is None or other.score is None:
        return one.score is not other.score
    figures = {
        "accuracy": (one.metric, other.metric),
        "speed": (one.measurements.get("speed_ratio"), other.measurements.get("speed_ratio")),
        "memory": (one.measurements.get("memory_ratio"), other.measurements.get("memory_ratio")),
    }
    return any(
        is_part_apart(getattr(one.score, part), getattr(other.score, part), pair, TIE_POINTS[part])
        for part, pair in figures.items()
    )


def is_part_apart(
    points: float, other_points: float, figures: tuple[Measured | None, Measured | None], tie: float
) -> bool:
    """Whether one part of the score tells two results apart.

    figures: what was measured of both. tie: points below which parts without intervals are equal.
    """
    gap = abs(points - other_points)
    if gap == 0:
        return False
    intervals = [None if figure is None else figure.interval for figure in figures]
    if intervals[0] is not None and intervals[1] is not None:
        return are_disjoint(intervals[0], intervals[1])
    return math.isnan(gap) or gap >= tie


def are_disjoint(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] > other[1] or other[0] > one[1]
