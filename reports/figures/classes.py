"""What a classifier confuses, and how accurate it is within each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.metrics.statistics import wilson_interval
from grader.records import Details
from grader.text import shown_name
from reports.figures.plot import BLUE, HOVER, Plot, Trace, of_values
from reports.words import plot_text

CLASS_CHARACTERS = 20
MOST_WITH_TEXT = 12  # classes: in a larger matrix the counts would not be readable

Counts = Sequence[Sequence[int]]


@dataclass(frozen=True, order=True)
class ClassAccuracy:
    """How often the inputs of one class were answered right."""

    share: float
    low: float  # both ends of its Wilson interval
    high: float
    name: str
    hits: str


def confusion(details: Details) -> Plot | None:
    """Return how often each class was taken for which; None if no whole matrix is kept."""
    classes = class_names(details)
    if not classes:
        return None
    layout = {
        "height": max(300, min(620, 120 + 34 * len(classes))),
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
    }
    heatmap = confusion_heatmap(classes, details.confusion)
    if len(classes) <= MOST_WITH_TEXT:
        heatmap |= {"text": count_texts(details.confusion), "texttemplate": "%{text}"}
        layout["annotations"] = diagonal_texts(classes, details.confusion)
    caption = (
        "Each row is a true class, each column an answer. The stronger the colour, the more "
        "often that mistake was made."
    )
    return of_values("Confusion matrix", caption, [heatmap], layout)


def confusion_heatmap(classes: Sequence[str], table: Counts) -> Trace:
    """Return the wrong answers of each class as shades.

    Wrong answers are what the eye looks for, so the diagonal is left out: nine in ten answers lie
    on it, and beside its colour all others would look white.
    """
    shades = []
    hovers = []
    for truth, row in enumerate(table):
        total = max(1, sum(row))
        shades.append(
            [None if answer == truth else count / total for answer, count in enumerate(row)]
        )
        hovers.append([f"{count:,} of {total:,}" for count in row])
    darkest = max((shade for row in shades for shade in row if shade is not None), default=0)
    return {
        "type": "heatmap",
        "x": classes,
        "y": classes,
        "z": shades,
        "zmin": 0,
        "zmax": darkest or 1,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "customdata": hovers,
        "hovertemplate": "%{y} answered as %{x}: %{customdata}<extra></extra>",
    }


def count_texts(table: Counts) -> list[list[str]]:
    return [[f"{count:,}" if count else "" for count in row] for row in table]


def diagonal_texts(classes: Sequence[str], table: Counts) -> list[dict[str, Any]]:
    """Return the counts of right answers: a heatmap writes no text where it has no shade."""
    texts = []
    for place, name in enumerate(classes):
        texts.append(
            {
                "x": name,
                "y": name,
                "text": f"{table[place][place]:,}",
                "showarrow": False,
                "font": {"size": 11},
                "bgcolor": "rgba(0,0,0,0)",
            }
        )
    return texts


def by_class(details: Details) -> Plot | None:
    """Return the accuracy within each class with its Wilson interval, worst first."""
    rows = class_accuracies(details)
    if not rows:
        return None
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": [row.share for row in rows],
        "y": list(range(len(rows))),
        "marker": {"color": BLUE, "size": 9},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [row.high - row.share for row in rows],
            "arrayminus": [row.share - row.low for row in rows],
            "color": BLUE,
            "thickness": 1.4,
            "width": 3,
        },
        "customdata": [[row.name, row.hits] for row in rows],
        "hovertemplate": HOVER,
        "showlegend": False,
    }
    layout = {
        "height": max(220, 90 + 26 * len(rows)),
        "xaxis": {
            "title": {"text": "Accuracy"},
            "tickformat": ".0%" if rows[0].low < 0.9 else ".1%",
        },
        "yaxis": {
            "tickvals": list(range(len(rows))),
            "ticktext": [row.name for row in rows],
            "zeroline": False,
            "range": [-0.6, len(rows) - 0.4],
            "autorange": False,
        },
    }
    caption = "The lines are 95 % intervals. The hardest class is at the bottom."
    return of_values("Accuracy by class", caption, [data], layout)


def class_accuracies(details: Details) -> list[ClassAccuracy]:
    """Return the accuracy of each class that occurs, worst first."""
    rows = []
    for place, name in enumerate(class_names(details)):
        row = details.confusion[place]
        total = sum(row)
        if not total:
            continue
        share = row[place] / total
        low, high = wilson_interval(share, total)
        rows.append(ClassAccuracy(share, low, high, name, f"{row[place]:,} of {total:,}"))
    return sorted(rows)


def class_names(details: Details) -> list[str]:
    """Return a name for each class; none if no whole matrix is kept.

    Numbers stand in for names that are missing, or that a reader could not tell apart.
    """
    size = len(details.confusion)
    if any(len(row) != size or min(row) < 0 for row in details.confusion):
        return []
    names = [plot_text(shown_name(name, CLASS_CHARACTERS)) for name in details.classes]
    if len(set(names)) != size or len(names) != size:
        return [str(number) for number in range(size)]
    return names
