"""A figure with what stands around it, and the parts that many figures share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.words import plot_text

# Told apart in every common colour blindness.
BLUE = "#3b7ddd"
ORANGE = "#c96a12"
GREY = "#7d8590"
VIOLET = "#8b63d9"
TEAL = "#12897f"
HOVER = "<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>"
LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
NAME_CHARACTERS = 28
FEW_POINTS = 60  # up to here a line has a mark at each of its points

Trace = dict[str, Any]


@dataclass(frozen=True)
class Plot:
    """A figure with its title and caption."""

    title: str
    caption: str
    # A plotly Figure, or the same as plain values: results are drawn by the thousand, and Plotly's
    # own objects take milliseconds each.
    figure: Any

    def values(self) -> dict[str, Any]:
        """Return the figure as plain values, without Plotly's template: pages have their own."""
        whole = self.figure
        if not isinstance(whole, dict):
            whole = json.loads(whole.to_json())
        layout = {key: value for key, value in whole["layout"].items() if key != "template"}
        return {"data": whole["data"], "layout": layout}


def of_values(title: str, caption: str, data: Sequence[Trace], layout: dict[str, Any]) -> Plot:
    """Return a plot given as plain values."""
    return Plot(title, caption, {"data": list(data), "layout": layout})


def level_line(y: float, colour: str) -> dict[str, Any]:
    """Return a dashed line across a figure."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": y,
        "y1": y,
        "line": {"color": colour, "width": 1.5, "dash": "dash"},
    }


def level_note(text: str, y: float, colour: str) -> dict[str, Any]:
    """Return a text above the left end of such a line."""
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


def row_axis(names: Sequence[str]) -> dict[str, Any]:
    """Return a vertical axis with a name at each row, the first on top.

    Rows stand at their numbers: two rows whose shown names are equal stay two.
    """
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "autorange": "reversed",
    }
