"""The figures of the class page: how the scores of each task lie, and how its runs ended."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from grader.records import Status
from grader.results.boards import Board
from grader.text import shown_name
from reports.figures.plot import BLUE, LEGEND, Plot, Trace, of_values, row_axis
from reports.words import VERDICTS, plot_text

TITLE_CHARACTERS = 24
FEW_SCORES = 40  # up to here each is drawn as a point
COLOURS = {  # after M. Okabe and K. Ito, told apart in every common colour blindness
    Status.GRADER_ERROR: "#555b63",
    Status.ACCEPTED: "#009e73",
    Status.BELOW_TARGET: "#e69f00",
    Status.TIME_LIMIT_EXCEEDED: "#56b4e9",
    Status.MEMORY_LIMIT_EXCEEDED: "#0072b2",
    Status.RUNTIME_ERROR: "#d55e00",
    Status.INVALID_SUBMISSION: "#b8860b",
    Status.FLAGGED: "#cc79a7",
}


def score_distribution(titles: Mapping[str, str], boards: Sequence[Board]) -> Plot | None:
    """Return how the scores of each task lie; None without a score.

    titles: of the tasks by id, in the order of the rows.
    """
    scores: dict[str, list[float]] = {task_id: [] for task_id in titles}
    for board in boards:
        scores[board.key.task_id] += finite_totals(board)
    data: list[Trace] = []
    names = []
    for task_id, values in scores.items():
        if values:
            title = shown_name(titles[task_id], TITLE_CHARACTERS)
            data.append(box(plot_text(title), len(data), values))
            names.append(plot_text(f"{title} ({len(values)})"))
    if not data:
        return None
    layout = {
        "height": max(240, 90 + 38 * len(data)),
        "xaxis": {"title": {"text": "Score"}, "range": [-2, 103]},
        "yaxis": row_axis(names) | {"zeroline": False},
    }
    caption = "Each author's entry. A box holds the middle half."
    return of_values("Scores by task", caption, data, layout)


def finite_totals(board: Board) -> list[float]:
    """Return the scores of a board's entries."""
    found = []
    for place in board.places:
        total = place.run.summary.total
        if total is not None and math.isfinite(total):
            found.append(total)
    return found


def box(name: str, row: int, scores: Sequence[float]) -> Trace:
    return {
        "type": "box",
        "x": [round(score, 1) for score in scores],
        "y": [row] * len(scores),
        "orientation": "h",
        "name": name,
        "boxpoints": "all" if len(scores) <= FEW_SCORES else "outliers",
        "jitter": 0.5,
        "pointpos": 0,
        "line": {"color": BLUE, "width": 1.5},
        "marker": {"color": BLUE, "size": 4, "opacity": 0.6},
        "hoverinfo": "x",
        "showlegend": False,
    }


def verdict_counts(titles: Mapping[str, str], boards: Sequence[Board]) -> Plot | None:
    """Return the verdicts of each task's entries as stacked bars; None without an entry.

    titles: of the tasks by id, in the order of the rows.
    """
    counts = {task_id: Counter[Status]() for task_id in titles}
    for board in boards:
        counts[board.key.task_id].update(Status(place.run.summary.status) for place in board.places)
    data = []
    for status, colour in COLOURS.items():
        entries = [count[status] for count in counts.values()]
        if any(entries):
            data.append(verdict_bars(status, colour, entries))
    if not data:
        return None
    names = [plot_text(shown_name(title, TITLE_CHARACTERS)) for title in titles.values()]
    layout = {
        "height": max(260, 130 + 30 * len(counts)),
        "barmode": "stack",
        "bargap": 0.3,
        "xaxis": {"title": {"text": "Entries"}, "rangemode": "tozero"},
        "yaxis": row_axis(names),
        "legend": LEGEND | {"traceorder": "normal"},
    }
    caption = "The entry of each author that stands on the board."
    return of_values("Verdicts by task", caption, data, layout)


def verdict_bars(status: Status, colour: str, entries: Sequence[int]) -> Trace:
    word = VERDICTS[status]
    return {
        "type": "bar",
        "orientation": "h",
        "name": f"{word.symbol} {word.text}",
        "x": list(entries),
        "y": list(range(len(entries))),
        "marker": {"color": colour},
        "hovertemplate": f"{word.text}: %{{x}}<extra></extra>",
    }
