"""How long calls with one input took, beside par's."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import Details
from reports.figures.plot import BLUE, LEGEND, VIOLET, Plot, Trace, of_values

PERCENTS = list(range(101))
LAST_SHOWN = 98  # of the percentiles: the slowest calls would stretch the axis for all others
MS = 1000


def latency(details: Details) -> Plot | None:
    """Return the share of one-input calls that took no longer; None if no calls are kept."""
    data = []
    for name, curve, colour, dash in (
        ("this submission", details.latency_curve, BLUE, "solid"),
        ("par", details.par_latency_curve, VIOLET, "dash"),
    ):
        if is_whole(curve):
            data.append(share_within(name, curve, colour, dash))
    if not data:
        return None
    longest = max(trace["x"][LAST_SHOWN] for trace in data)
    layout = {
        "height": 330,
        "xaxis": {"title": {"text": "Milliseconds for one input"}, "range": [0, 1.08 * longest]},
        "yaxis": {"title": {"text": "Share of the calls"}, "tickformat": ".0%", "range": [0, 1.02]},
        "legend": LEGEND,
    }
    caption = (
        "The share of calls that took at most this long, leaving out the slowest 2 %. Further "
        "left is faster."
    )
    return of_values("Latency", caption, data, layout)


def is_whole(curve: Sequence[float]) -> bool:
    """Whether a curve has all its percentiles; it may have been edited since."""
    if len(curve) != len(PERCENTS):
        return False
    return all(math.isfinite(second) and second > 0 for second in curve)


def share_within(name: str, curve: Sequence[float], colour: str, dash: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [MS * second for second in curve],
        "y": [percent / 100 for percent in PERCENTS],
        "line": {"color": colour, "width": 2, "dash": dash, "shape": "hv"},
        "hovertemplate": f"{name}: %{{y:.0%}} of the calls within %{{x:.3g}} ms<extra></extra>",
    }
