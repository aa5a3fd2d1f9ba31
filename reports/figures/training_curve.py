"""The figure of a training's losses, as the submission told them. It never says that anybody else
saw them.
"""

from __future__ import annotations

import math
from statistics import median
from typing import Any

from grader.records import Details, LossCurve
from reports.figures.board import BLUE, ORANGE, Plot

TITLE = "Training curve, as reported by the submission"
FEWEST = 2
MOST = 4096
MANY = 200  # losses of single batches: from here on their running median is drawn as well
WINDOW = 40  # of that median: the curve's part on either side is one in so many
WIDE = 100.0  # times the last loss: a curve that begins so high is drawn on a logarithmic axis
FOUND = {
    "gradients": ("Call of backward()", "Each loss that a gradient was asked of."),
    "epochs": ("Epoch", "The loss of each epoch, as fit returned it."),
    "logged": ("Call of data.log", "What the submission gave to data.log."),
}


def reported_curve(details: Details) -> Plot | None:
    """Return the losses that were told, beside the one measured by the grader; None for fewer than
    two.
    """
    curve = details.reported
    if curve is None or len(curve.places) != len(curve.losses):
        return None
    losses = [
        loss if isinstance(loss, float) and math.isfinite(loss) else None
        for loss in curve.losses[:MOST]
    ]
    finite = [loss for loss in losses if loss is not None]
    if len(finite) < FEWEST:
        return None
    places = curve.places[:MOST]
    is_long = len(losses) >= MANY
    data = [
        trace("loss, as reported", places, losses, {"color": ORANGE, "width": 1 if is_long else 2})
    ]
    if is_long:
        data[0]["opacity"] = 0.35
        data.append(
            trace(
                "its running median",
                places,
                running_median(losses),
                {"color": ORANGE, "width": 2.5},
            )
        )
    if curve.measured is not None and math.isfinite(curve.measured):
        ends, level = [places[0], places[-1]], [curve.measured] * 2
        data.append(
            trace(
                "measured by the grader", ends, level, {"color": BLUE, "width": 1.5, "dash": "dash"}
            )
        )
    is_wide = min(finite) > 0 and max(finite) > WIDE * finite[-1]
    layout = {
        "height": 330,
        "xaxis": {"title": {"text": FOUND[curve.source][0]}},
        "yaxis": {"title": {"text": "Loss"}, "type": "log"}
        if is_wide
        else {"title": {"text": "Loss"}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    }
    return Plot(TITLE, caption(curve, len(finite)), {"data": data, "layout": layout})


def trace(name: str, x: list[int], y: list[Any], line: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 60 or len(x) == 2 else "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "line": line,
        "marker": {"size": 5},
        "hovertemplate": f"{name}: %{{y:.4g}} at %{{x:,}}<extra></extra>",
    }


def running_median(losses: list[float | None]) -> list[float | None]:
    """Return at each place the median of what is finite around it."""
    half = max(1, len(losses) // WINDOW)
    found: list[float | None] = []
    for place in range(len(losses)):
        near = [
            loss for loss in losses[max(0, place - half) : place + half + 1] if loss is not None
        ]
        found.append(median(near) if near else None)
    return found


def caption(curve: LossCurve, finite: int) -> str:
    """Say what is drawn, whose word it is, and what the grader's own line is."""
    parts = ["Reported by the submission: not checked, not scored.", FOUND[curve.source][1]]
    if curve.noted > len(curve.losses):
        parts.append(f"Drawn are {len(curve.losses):,} of {curve.noted:,}, evenly spread.")
    if finite < len(curve.losses):
        parts.append(
            f"{len(curve.losses) - finite:,} of those are no finite numbers: there the line has gaps."
        )
    if curve.measured is not None:
        parts.append(
            "The dashed line was measured by the grader: the cross-entropy of the finished model's answers to "
            "training examples. Where that is the loss that was trained on, the curve ends near it."
        )
    return " ".join(parts)
