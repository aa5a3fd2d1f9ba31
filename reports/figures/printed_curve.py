"""The losses and accuracies that a submission printed while it trained.

They are read out of its log by their usual names, so they are the submission's word: the caption
says so, and nothing of them is scored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from reports.figures.plot import (
    BLUE,
    FEW_POINTS,
    LEGEND,
    ORANGE,
    TEAL,
    VIOLET,
    Plot,
    Trace,
    of_values,
)

MOST_CURVES = 4
MOST_STEPS = 2000
FEWEST_STEPS = 3
LINE_CHARACTERS = 400
PRINTED = re.compile(
    r"\b(val_loss|val_accuracy|val_acc|loss|accuracy|acc)\b\s*[:=]?\s*"
    r"([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(%?)"
)
COLOURS = (ORANGE, BLUE, VIOLET, TEAL)
CAPTION = "Reported by the submission: read out of what it printed. Not checked, not scored."
ACCURACY_AXIS = {
    "overlaying": "y",
    "side": "right",
    "title": {"text": "Accuracy"},
    "showgrid": False,
    "range": [0, 1.02],
    "tickformat": ".0%",
    "tickmode": "linear",
    "dtick": 0.25,
}

Series = Mapping[str, Sequence[float]]


def printed_curve(log: str, *, is_second: bool = False) -> Plot | None:
    """Return what was printed, step by step; None if no name has three numbers.

    is_second: the losses were reported in another way as well, and have a figure of their own.
    """
    series = printed_series(log)
    if is_second:
        series.pop("loss", None)
    long_enough = [name for name, values in series.items() if len(values) >= FEWEST_STEPS]
    chosen = {name: series[name] for name in long_enough[:MOST_CURVES]}
    if not chosen:
        return None
    losses = [name for name in chosen if is_loss(name)]
    has_both = 0 < len(losses) < len(chosen)
    layout: dict[str, Any] = {
        "height": 330,
        "xaxis": {"title": {"text": "Printed line"}},
        "yaxis": {"title": {"text": "Loss" if losses else "Accuracy"}, "rangemode": "tozero"},
        "legend": LEGEND,
    }
    if has_both:
        layout["yaxis2"] = ACCURACY_AXIS
    title = "What else was printed while training" if is_second else "Training curve"
    return of_values(title, CAPTION, curves_of(chosen, has_both=has_both), layout)


def printed_series(log: str) -> dict[str, list[float]]:
    """Return the finite numbers behind each usual name, in their order; percents as shares."""
    series: dict[str, list[float]] = {}
    for line in log.splitlines():
        for name, number, percent in PRINTED.findall(line[:LINE_CHARACTERS].lower()):
            value = float(number)
            values = series.setdefault(name.replace("accuracy", "acc"), [])
            if math.isfinite(value) and len(values) < MOST_STEPS:
                values.append(value / 100 if percent else value)
    return series


def curves_of(chosen: Series, *, has_both: bool) -> list[Trace]:
    """Return a line for each name. has_both: accuracies have an axis of their own."""
    curves = []
    for colour, (name, values) in zip(COLOURS, chosen.items(), strict=False):
        curve: Trace = {
            "type": "scatter",
            "mode": "lines" if len(values) > FEW_POINTS else "lines+markers",
            "name": name.replace("acc", "accuracy").replace("val_", "validation "),
            "x": list(range(1, len(values) + 1)),
            "y": values,
            "line": {"color": colour, "width": 2},
            "marker": {"size": 5},
        }
        if has_both and not is_loss(name):
            curve["yaxis"] = "y2"
        curves.append(curve)
    return curves


def is_loss(name: str) -> bool:
    return "loss" in name
