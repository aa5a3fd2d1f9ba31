"""What a few points more would need, once a task is passed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from grader.course.score import FULL_AT, curve_for, interpolate, ratio_share
from grader.course.task_file import ScoringTable
from grader.records import Measured

MORE_POINTS = 2.0
FINENESS = 1e-4  # of the ratio that is searched for


def further_points(
    scoring: ScoringTable, measurements: Mapping[str, Measured], points: float = MORE_POINTS
) -> list[tuple[str, float, float]]:
    """Return what each part of the score would need for so many points more.

    A list of measurement, its value now, and the value needed. A part that has not so many points
    left, or was not measured, is left out.
    """
    needs = []
    metric = measurements.get(scoring.metric)
    if metric is not None and scoring.points.accuracy:
        curve = curve_for(scoring, metric)
        share = interpolate(curve, metric.value) + points / scoring.points.accuracy
        needed = metric_for(curve, scoring.better, share)
        if needed is not None:
            needs.append((scoring.metric, metric.value, needed))
    for name, most in (
        ("speed_ratio", scoring.points.speed),
        ("memory_ratio", scoring.points.memory),
    ):
        ratio = measurements.get(name)
        if ratio is None or not most:
            continue
        share = ratio_share(ratio.value) + points / most
        if share <= 1:
            needs.append((name, ratio.value, ratio_for(share)))
    return needs


def metric_for(curve: Sequence[tuple[float, float]], better: str, share: float) -> float | None:
    """Return the metric that earns this share of the points; None if no value does."""
    rising = curve if better == "higher" else curve[::-1]
    for (x0, y0), (x1, y1) in itertools.pairwise(rising):
        if y0 < share <= y1:
            return x0 + (x1 - x0) * (share - y0) / (y1 - y0)
    return None


def ratio_for(share: float) -> float:
    """Return how many times as good as par earns this share: `ratio_share` inverted by halving."""
    low = 1 / FULL_AT
    high = FULL_AT
    while high - low > FINENESS:
        middle = (low + high) / 2
        if ratio_share(middle) < share:
            low = middle
        else:
            high = middle
    return high
