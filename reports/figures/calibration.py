"""Whether a classifier's confidence is what it says."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import Bin, Details
from reports.figures.plot import BLUE, GREY, Plot, Trace, of_values

DIAGONAL = {
    "type": "scatter",
    "mode": "lines",
    "x": [0, 1],
    "y": [0, 1],
    "line": {"color": GREY, "dash": "dot", "width": 1.5},
    "hoverinfo": "skip",
    "showlegend": False,
}
LAYOUT = {
    "height": 330,
    "xaxis": {
        "title": {"text": "Confidence of the answer"},
        "tickformat": ".0%",
        "range": [0, 1.03],
    },
    "yaxis": {
        "title": {"text": "Share answered correctly"},
        "tickformat": ".0%",
        "range": [0, 1.05],
    },
}
CAPTION = (
    "On the dotted line, confidence matches accuracy; below it, the model is overconfident. "
    "Larger marks stand for more answers. Scores that are not probabilities went through a "
    "softmax."
)


def calibration(details: Details) -> Plot | None:
    """Return how often answers of a confidence are right; None for fewer than two bins."""
    bins = [each for each in details.calibration if is_valid(each)]
    if len(bins) < 2:
        return None
    return of_values("Calibration", CAPTION, [DIAGONAL, accuracy_of_bins(bins)], LAYOUT)


def is_valid(each: Bin) -> bool:
    return 0 <= each.confidence <= 1 and 0 <= each.accuracy <= 1 and each.n > 0


def accuracy_of_bins(bins: Sequence[Bin]) -> Trace:
    """Return confidence and accuracy of the bins; the area of a mark grows with its answers."""
    most = max(each.n for each in bins)
    return {
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
        "hovertemplate": (
            "confidence %{x:.0%}: %{y:.1%} right, of %{customdata[0]} answers<extra></extra>"
        ),
        "showlegend": False,
    }
