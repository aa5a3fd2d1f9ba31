"""The latencies of two results over one another, as a drawing that needs no script.

The same axes as the plot of one result: the share of calls that took at most this long. A page that
compares two results is one file without scripts, so the lines are drawn here and not by Plotly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.records import Details
from reports.figures.latency import LAST_SHOWN, MS, is_whole

WIDTH = 640  # of the plotting area, in units of the drawing
HEIGHT = 240
ROOM = 1.08  # the axis ends a little behind the slowest call that is shown
FEWEST_STEPS = 3  # between the marks of the axis
MEDIAN = 50


@dataclass(frozen=True)
class Line:
    """One result's calls."""

    name: str
    points: str  # of an SVG polyline
    median: str


@dataclass(frozen=True)
class Tick:
    """A mark on the axis of milliseconds."""

    place: float
    text: str


@dataclass(frozen=True)
class Drawing:
    """Both lines on one axis."""

    lines: list[Line]
    ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT


def latency_drawing(one: Details | None, other: Details | None) -> Drawing | None:
    """Return both results' latencies; None unless both were kept whole."""
    curves = []
    for name, details in (("one", one), ("other", other)):
        if details is None or not is_whole(details.latency_curve):
            return None
        curves.append((name, [MS * second for second in details.latency_curve]))
    longest = ROOM * max(curve[LAST_SHOWN] for _, curve in curves)
    lines = [Line(name, steps(curve, longest), in_ms(curve[MEDIAN])) for name, curve in curves]
    return Drawing(lines, ticks_up_to(longest))


def ticks_up_to(longest: float) -> list[Tick]:
    """Return marks in steps that people count in: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(longest / FEWEST_STEPS))
    step = max(power * each for each in (1, 2, 5) if power * each <= longest / FEWEST_STEPS)
    ticks = []
    for number in range(math.floor(longest / step) + 1):
        ticks.append(Tick(WIDTH * number * step / longest, in_ms(number * step)))
    return ticks


def steps(curve: Sequence[float], longest: float) -> str:
    """Return the stairs of one curve: along to each percentile's time, then up to its share."""
    points = [f"0,{HEIGHT}"]
    below = float(HEIGHT)
    for percent, milliseconds in enumerate(curve[: LAST_SHOWN + 1]):
        x = WIDTH * min(milliseconds / longest, 1.0)
        y = HEIGHT * (1 - percent / 100)
        points += [f"{x:.1f},{below:.1f}", f"{x:.1f},{y:.1f}"]
        below = y
    return " ".join(points)


def in_ms(milliseconds: float) -> str:
    return f"{milliseconds:.3g} ms"
