"""The scores of a board without two measured figures, as bars: function tasks have no others."""

from __future__ import annotations

import math

from grader.results.boards import Board
from grader.text import shown_name
from reports.figures.entry_words import entry_title, score_line
from reports.figures.plot import (
    BLUE,
    HOVER,
    NAME_CHARACTERS,
    ORANGE,
    Plot,
    Trace,
    of_values,
    row_axis,
)
from reports.numbers import points_text
from reports.words import plot_text

MOST_BARS = 30


def score_bars(board: Board) -> Plot | None:
    """Return one bar for each author, best on top; None if there is nothing to compare."""
    totals = []
    names = []
    colours = []
    hovers = []
    for entry in board.entries:
        score = entry.result.score
        if score is None or not math.isfinite(score.total):
            continue
        totals.append(score.total)
        names.append(plot_text(shown_name(entry.result.submission.author, NAME_CHARACTERS)))
        colours.append(ORANGE if entry.rank is None else BLUE)
        hovers.append([plot_text(entry_title(entry.result)), plot_text(score_line(entry))])
    count = min(len(totals), MOST_BARS)
    if count < 2:
        return None
    bars: Trace = {
        "type": "bar",
        "x": totals[:count],
        "y": list(range(count)),
        "orientation": "h",
        "marker": {"color": colours[:count]},
        "text": [points_text(total) for total in totals[:count]],
        "textposition": "auto",
        "cliponaxis": False,
        "customdata": hovers[:count],
        "hovertemplate": HOVER,
        "name": "score",
    }
    layout = {
        "height": max(220, 90 + 30 * count),
        "showlegend": False,
        "bargap": 0.35,
        "yaxis": row_axis(names[:count]) | {"automargin": True},
        "xaxis": {"range": [0, 105], "title": {"text": "Score"}},
    }
    caption = "Blue: accepted. Orange: not accepted."
    if len(totals) > count:
        caption += f" The first {count} of {len(totals)} entries."
    return of_values("Score by author", caption, [bars], layout)
