"""The losses of a training as the submission reported them.

The figure never says that anybody else saw them. The one number that the grader measured itself
stands beside them as a line of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from grader.records import Details, LossCurve, Number
from reports.figures.plot import BLUE, FEW_POINTS, LEGEND, ORANGE, Plot, Trace, of_values

TITLE = "Training curve, as reported by the submission"
FEWEST = 2
MOST = 4096
MANY = 200  # losses of single batches: from here on their running median is drawn as well
WINDOW = 40  # of that median: to either side it reaches over one in so many of the losses
WIDE = 100.0  # times the last loss: a curve that begins so high has a logarithmic axis
FOUND = {
    "gradients": ("Computed gradient", "Each loss whose gradient was computed."),
    "epochs": ("Epoch", "The loss of each epoch, as fit returned it."),
    "logged": ("Call of data.log", "What the submission gave to data.log."),
}

Losses = Sequence[float | None]  # None: not finite


def reported_curve(details: Details) -> Plot | None:
    """Return the reported losses beside the one that the grader measured.

    None for fewer than two.
    """
    curve = details.reported
    if curve is None or len(curve.places) != len(curve.losses):
        return None
    losses = [finite_or_none(loss) for loss in curve.losses[:MOST]]
    finite = [loss for loss in losses if loss is not None]
    if len(finite) < FEWEST:
        return None
    y_axis: dict[str, Any] = {"title": {"text": "Loss"}}
    if min(finite) > 0 and max(finite) > WIDE * finite[-1]:
        y_axis["type"] = "log"
    layout = {
        "height": 330,
        "xaxis": {"title": {"text": FOUND[curve.source][0]}},
        "yaxis": y_axis,
        "legend": LEGEND,
    }
    data = traces(curve, curve.places[:MOST], losses)
    return of_values(TITLE, caption(curve, len(finite)), data, layout)


def finite_or_none(loss: Number) -> float | None:
    return loss if isinstance(loss, float) and math.isfinite(loss) else None


def traces(curve: LossCurve, places: Sequence[int], losses: Losses) -> list[Trace]:
    """Return the losses, the median of many, and the level that the grader measured."""
    reported = trace("loss, as reported", places, losses, {"color": ORANGE, "width": 2})
    found = [reported]
    if len(losses) >= MANY:
        reported["line"]["width"] = 1
        reported["opacity"] = 0.35
        smooth = {"color": ORANGE, "width": 2.5}
        found.append(trace("its running median", places, running_median(losses), smooth))
    if curve.measured is not None and math.isfinite(curve.measured):
        level = {"color": BLUE, "width": 1.5, "dash": "dash"}
        ends = [places[0], places[-1]]
        found.append(trace("measured by the grader", ends, [curve.measured] * 2, level))
    return found


def trace(name: str, x: Sequence[int], y: Losses, line: dict[str, Any]) -> Trace:
    has_marks = 2 < len(x) <= FEW_POINTS
    return {
        "type": "scatter",
        "mode": "lines+markers" if has_marks else "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": line,
        "marker": {"size": 5},
        "hovertemplate": f"{name}: %{{y:.4g}} at %{{x:,}}<extra></extra>",
    }


def running_median(losses: Losses) -> list[float | None]:
    """Return at each place the median of what is finite around it; None where nothing is."""
    half = max(1, len(losses) // WINDOW)
    found: list[float | None] = []
    for place in range(len(losses)):
        window = losses[max(0, place - half) : place + half + 1]
        near = [loss for loss in window if loss is not None]
        found.append(median(near) if near else None)
    return found


def caption(curve: LossCurve, finite: int) -> str:
    """Say what is drawn, whose word it is, and what the grader's own line is."""
    parts = ["Reported by the submission: not checked, not scored.", FOUND[curve.source][1]]
    shown = len(curve.losses)
    if curve.noted > shown:
        parts.append(f"{shown:,} of {curve.noted:,} are drawn, evenly spread.")
    if finite < shown:
        parts.append(f"{shown - finite:,} of these are not finite: the line has gaps there.")
    if curve.measured is not None:
        parts.append(
            "The dashed line was measured by the grader: the cross-entropy of the finished model's "
            "answers to training examples. If that is the loss that was trained on, the curve ends "
            "near it."
        )
    return " ".join(parts)
