"""The figures of one result, as plain values: made by the thousand, so without Plotly's own
objects.

Every text that reaches a figure goes through `plot_text`, because Plotly reads some HTML in it.
"""

from __future__ import annotations

import math
import re
from typing import Any

from grader.metrics.statistics import wilson_interval
from grader.records import Details, Result
from reports.display import MIB, plot_text, shown_name
from reports.figures.board import BLUE, GREY, HOVER, ORANGE, VIOLET, Plot
from reports.figures.training_curve import reported_curve

TEAL = "#12897f"
MOST_CURVES, MOST_STEPS, FEWEST_STEPS = 4, 2000, 3
REPORTED = re.compile(
    r"\b(val_loss|val_accuracy|val_acc|loss|accuracy|acc)\b\s*[:=]?\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(%?)"
)
PERCENTS = list(range(101))


def result_plots(result: Result, details: Details | None, log: str) -> list[Plot]:
    """Return the figures that there is something for, the order of the page."""
    details = details or Details()
    made = [
        latency(result, details),
        memory(result, details),
        confusion(details),
        by_class(details),
        calibration(details),
        reported_curve(details),
        training(log, is_second=details.reported is not None),
    ]
    return [plot for plot in made if plot is not None]


def latency(result: Result, details: Details) -> Plot | None:
    """Return the share of one-input calls that took no longer, beside par's; None where no calls
    are kept.
    """
    curves = [
        ("this submission", details.latency_curve, BLUE, "solid"),
        ("par", details.par_latency_curve, VIOLET, "dash"),
    ]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": [1000 * second for second in curve],
            "y": [percent / 100 for percent in PERCENTS],
            "line": {"color": colour, "width": 2, "dash": dash, "shape": "hv"},
            "hovertemplate": f"{name}: %{{y:.0%}} of the calls within %{{x:.3g}} ms<extra></extra>",
        }
        for name, curve, colour, dash in curves
        if len(curve) == len(PERCENTS)
        and all(math.isfinite(second) and second > 0 for second in curve)
    ]
    if not data:
        return None
    layout = {
        "height": 330,
        "xaxis": {
            "title": {"text": "Milliseconds for one input"},
            "range": [0, 1.08 * max(trace["x"][98] for trace in data)],
        },
        "yaxis": {"title": {"text": "Share of the calls"}, "tickformat": ".0%", "range": [0, 1.02]},
        "legend": LEGEND,
    }
    return Plot(
        "Latency",
        "How many of the calls took no longer, without the slowest two of a hundred. Further left is faster.",
        {"data": data, "layout": layout},
    )


def memory(result: Result, details: Details) -> Plot | None:
    """Return the peak as it stood after each phase, with par's; None where the phases are not
    kept.
    """
    phases = [each for each in details.memory if math.isfinite(each.bytes) and each.bytes >= 0]
    if not phases:
        return None
    rises = [
        each.bytes - (phases[place - 1].bytes if place else 0.0)
        for place, each in enumerate(phases)
    ]
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": [plot_text(shown_name(each.phase, 24)) for each in phases],
            "y": [each.bytes / MIB for each in phases],
            "marker": {"color": TEAL},
            "text": [f"{each.bytes / MIB:,.0f}" for each in phases],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textfont": {"color": "#ffffff"},
            "customdata": [
                [f"peak so far {each.bytes / MIB:,.0f} MiB, {rise / MIB:+,.0f} in this phase"]
                for each, rise in zip(phases, rises, strict=True)
            ],
            "hovertemplate": "%{x}: %{customdata[0]}<extra></extra>",
            "showlegend": False,
        }
    ]
    layout: dict[str, Any] = {
        "height": 330,
        "yaxis": {"title": {"text": "Peak so far, MiB"}, "rangemode": "tozero"},
        "xaxis": {"type": "category"},
        "bargap": 0.45,
    }
    caption = (
        "The most that everything in the box held at once, as it stood at the end of each phase."
    )
    par = result.par.get("peak_memory_bytes")
    if par is not None and math.isfinite(par.value):
        layout["shapes"] = [line(y=par.value / MIB, colour=VIOLET)]
        layout["annotations"] = [
            note(f"par {par.value / MIB:,.0f} MiB", y=par.value / MIB, colour=VIOLET)
        ]
        caption += " The dashed line is par's whole peak."
    return Plot("Memory over the phases", caption, {"data": data, "layout": layout})


def confusion(details: Details) -> Plot | None:
    """Return how often each class was taken for which; None where no whole matrix is kept."""
    classes, table = shown_classes(details), details.confusion
    if not classes:
        return None
    size = len(classes)
    total = [max(1, sum(row)) for row in table]
    # Wrong answers are what the eye looks for: the diagonal is left out of the colours.
    shade = [[None if i == j else table[i][j] / total[i] for j in range(size)] for i in range(size)]
    most = max((value for row in shade for value in row if value is not None), default=0) or 1
    data = [
        {
            "type": "heatmap",
            "x": classes,
            "y": classes,
            "z": shade,
            "zmin": 0,
            "zmax": most,
            "showscale": False,
            "xgap": 1,
            "ygap": 1,
            "hoverongaps": False,
            "customdata": [
                [f"{table[i][j]:,} of {total[i]:,}" for j in range(size)] for i in range(size)
            ],
            "hovertemplate": "%{y} answered as %{x}: %{customdata}<extra></extra>",
            **(
                {
                    "text": [
                        [f"{table[i][j]:,}" if table[i][j] else "" for j in range(size)]
                        for i in range(size)
                    ],
                    "texttemplate": "%{text}",
                }
                if size <= 12
                else {}
            ),
        }
    ]
    diagonal = [
        {
            "x": name,
            "y": name,
            "text": f"{table[i][i]:,}",
            "showarrow": False,
            "font": {"size": 11},
            "bgcolor": "rgba(0,0,0,0)",
        }
        for i, name in enumerate(classes)
    ]
    layout = {
        "height": max(300, min(620, 120 + 34 * size)),
        "xaxis": {
            "title": {"text": "Answer"},
            "type": "category",
            "showgrid": False,
            "side": "bottom",
        },
        "yaxis": {
            "title": {"text": "Truth"},
            "type": "category",
            "autorange": "reversed",
            "showgrid": False,
        },
        **({"annotations": diagonal} if size <= 12 else {}),
    }
    caption = (
        "Each row is a true class, each column an answer. "
        "The stronger the colour, the more often it was taken for another."
    )
    return Plot("Confusion matrix", caption, {"data": data, "layout": layout})


def by_class(details: Details) -> Plot | None:
    """Return the accuracy within each class with its Wilson interval, worst first."""
    classes, table = shown_classes(details), details.confusion
    if not classes:
        return None
    rows = []
    for name, hits, row in zip(
        classes, (table[i][i] for i in range(len(classes))), table, strict=True
    ):
        if sum(row):
            rows.append(
                (
                    hits / sum(row),
                    *wilson_interval(hits / sum(row), sum(row)),
                    name,
                    f"{hits:,} of {sum(row):,}",
                )
            )
    rows.sort()
    places = list(range(len(rows)))
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [share for share, *_ in rows],
            "y": places,
            "marker": {"color": BLUE, "size": 9},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [high - share for share, _, high, *_ in rows],
                "arrayminus": [share - low for share, low, *_ in rows],
                "color": BLUE,
                "thickness": 1.4,
                "width": 3,
            },
            "customdata": [[row[3], row[4]] for row in rows],
            "hovertemplate": HOVER,
            "showlegend": False,
        }
    ]
    layout = {
        "height": max(220, 90 + 26 * len(rows)),
        "xaxis": {
            "title": {"text": "Accuracy"},
            "tickformat": ".0%" if rows and rows[0][1] < 0.9 else ".1%",
        },
        "yaxis": {
            "tickvals": places,
            "ticktext": [row[3] for row in rows],
            "zeroline": False,
            "range": [-0.6, len(rows) - 0.4],
            "autorange": False,
        },
    }
    return Plot(
        "Accuracy by class",
        "The lines are 95 % intervals. The hardest class is at the bottom.",
        {"data": data, "layout": layout},
    )


def calibration(details: Details) -> Plot | None:
    """Return how often answers of a confidence are right; None for fewer than two bins."""
    bins = [
        each
        for each in details.calibration
        if 0 <= each.confidence <= 1 and 0 <= each.accuracy <= 1 and each.n > 0
    ]
    if len(bins) < 2:
        return None
    most = max(each.n for each in bins)
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [0, 1],
            "y": [0, 1],
            "line": {"color": GREY, "dash": "dot", "width": 1.5},
            "hoverinfo": "skip",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [each.confidence for each in bins],
            "y": [each.accuracy for each in bins],
            "line": {"color": BLUE, "width": 1.5},
            "marker": {
                "color": BLUE,
                "size": [6 + 14 * math.sqrt(each.n / most) for each in bins],
                "opacity": 0.85,
            },
            "customdata": [[f"{each.n:,}"] for each in bins],
            "hovertemplate": "confidence %{x:.0%}: %{y:.1%} right, of %{customdata[0]} answers<extra></extra>",
            "showlegend": False,
        },
    ]
    layout = {
        "height": 330,
        "xaxis": {
            "title": {"text": "Confidence of the answer"},
            "tickformat": ".0%",
            "range": [0, 1.03],
        },
        "yaxis": {
            "title": {"text": "Share that was right"},
            "tickformat": ".0%",
            "range": [0, 1.05],
        },
    }
    caption = (
        "On the dotted line, confidence is what it says; below it, the model is too sure of itself. "
        "Larger marks stand for more answers. Scores that are no probabilities went through a softmax."
    )
    return Plot("Calibration", caption, {"data": data, "layout": layout})


def training(log: str, *, is_second: bool = False) -> Plot | None:
    """Return the losses and accuracies that the submission printed, step by step; None for fewer
    than three of one.

    is_second: its losses were told as well, and are in a figure of their own.
    """
    series: dict[str, list[float]] = {}
    for text in log.splitlines():
        for name, number, percent in REPORTED.findall(text[:400].lower()):
            value = float(number)
            name = name.replace("accuracy", "acc")
            if is_second and name == "loss":
                continue
            if math.isfinite(value) and len(series.setdefault(name, [])) < MOST_STEPS:
                series[name].append(value / 100 if percent else value)
    chosen = [(name, values) for name, values in series.items() if len(values) >= FEWEST_STEPS][
        :MOST_CURVES
    ]
    if not chosen:
        return None
    losses = [name for name, _ in chosen if "loss" in name]
    both = bool(losses) and len(losses) < len(chosen)
    colours = dict(zip((name for name, _ in chosen), (ORANGE, BLUE, VIOLET, TEAL), strict=False))
    data = [
        {
            "type": "scatter",
            "mode": "lines" if len(values) > 60 else "lines+markers",
            "name": name.replace("acc", "accuracy").replace("val_", "validation "),
            "x": list(range(1, len(values) + 1)),
            "y": values,
            "line": {"color": colours[name], "width": 2},
            "marker": {"size": 5},
            **({"yaxis": "y2"} if both and "loss" not in name else {}),
        }
        for name, values in chosen
    ]
    layout: dict[str, Any] = {
        "height": 330,
        "xaxis": {"title": {"text": "Printed line"}},
        "yaxis": {"title": {"text": "Loss" if losses else "Accuracy"}, "rangemode": "tozero"},
        "legend": LEGEND,
    }
    if both:
        layout["yaxis2"] = {
            "overlaying": "y",
            "side": "right",
            "title": {"text": "Accuracy"},
            "showgrid": False,
            "range": [0, 1.02],
            "tickformat": ".0%",
            "tickmode": "linear",
            "dtick": 0.25,
        }
    caption = "Reported by the submission: read out of what it printed. Not checked, not scored."
    title = "What else was printed while training" if is_second else "Training curve"
    return Plot(title, caption, {"data": data, "layout": layout})


LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}


def shown_classes(details: Details) -> list[str]:
    """Return the classes' names, each once; nothing if the matrix does not fit them."""
    size = len(details.confusion)
    if not size or any(len(row) != size or min(row) < 0 for row in details.confusion):
        return []
    names = (
        [plot_text(shown_name(name, 20)) for name in details.classes]
        if len(details.classes) == size
        else []
    )
    return names if len(set(names)) == size else [str(number) for number in range(size)]


def line(*, y: float, colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": y,
        "y1": y,
        "line": {"color": colour, "width": 1.5, "dash": "dash"},
    }


def note(text: str, *, y: float, colour: str) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 0,
        "y": y,
        "text": plot_text(text),
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom",
        "font": {"color": colour},
    }
