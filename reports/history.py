"""What happened on a board over time: the best score so far, and who improved."""

from __future__ import annotations

import math
from typing import Any

from grader.records import Result, Status
from grader.results.boards import Board
from reports.display import PLOT_NAME_CHARACTERS, day, plot_text, points, same_name, shown_name
from reports.figures.board import BLUE, GREY, HOVER, ORANGE, Plot

MOST_RUNS = 1500
MOST_IMPROVED = 15


def history(board: Board) -> list[Plot]:
    """Return the figures that need more than one run."""
    results = [run.result for run in board.graded]
    runs = [run for run in results if run.score is not None and math.isfinite(run.score.total)]
    return [plot for plot in (best_over_time(runs), improved(runs)) if plot is not None]


def points_of(run: Result) -> float:
    return run.score.total if run.score is not None else 0.0


def best_over_time(runs: list[Result]) -> Plot | None:
    """Return every run over its date, and the best accepted score so far as steps; None for fewer
    than two runs.
    """
    if len(runs) < 2:
        return None
    shown, records = runs[-MOST_RUNS:], []
    best = -math.inf
    for run in runs:
        if run.verdict.status is Status.ACCEPTED and points_of(run) > best:
            best = points_of(run)
            records.append(run)
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "every run",
            "x": [when(run) for run in shown],
            "y": [points_of(run) for run in shown],
            "marker": {"color": GREY, "size": 6, "opacity": 0.6},
            "customdata": [
                [plot_text(name_of(run)), f"score {points(points_of(run))}"] for run in shown
            ],
            "hovertemplate": HOVER,
        }
    ]
    if records:
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "best so far",
                "x": [*(when(run) for run in records), when(runs[-1])],
                "y": [*(points_of(run) for run in records), points_of(records[-1])],
                "line": {"color": BLUE, "width": 2, "shape": "hv"},
                "marker": {"color": BLUE, "size": 8},
                "customdata": [
                    [plot_text(name_of(run)), f"score {points(points_of(run))}, {day(run.moment)}"]
                    for run in (*records, records[-1])
                ],
                "hovertemplate": HOVER,
            }
        )
    layout = {
        "height": 340,
        "yaxis": {"title": {"text": "Score"}, "range": [0, 103]},
        "xaxis": {"type": "date"},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    }
    left = f" The last {MOST_RUNS} of {len(runs)} runs." if len(runs) > MOST_RUNS else ""
    return Plot(
        "Best score over time",
        f"Each step is a new best among accepted runs.{left}",
        {"data": data, "layout": layout},
    )


def improved(runs: list[Result]) -> Plot | None:
    """Return the first and the best score of those who gained most; None where nobody gained."""
    first: dict[str, Result] = {}
    best: dict[str, Result] = {}
    for run in runs:
        author = same_name(run.submission.author)
        first.setdefault(author, run)
        if author not in best or points_of(run) > points_of(best[author]):
            best[author] = run
    gains = {author: points_of(best[author]) - points_of(first[author]) for author in first}
    who = sorted(
        (author for author, gain in gains.items() if gain > 0), key=lambda author: -gains[author]
    )
    if not who:
        return None
    shown = who[:MOST_IMPROVED]
    names = [
        plot_text(shown_name(best[author].submission.author, PLOT_NAME_CHARACTERS))
        for author in shown
    ]
    rows = list(range(len(shown)))
    xs: list[float | None] = []
    ys: list[int | None] = []
    for row, author in zip(rows, shown, strict=True):
        xs += [points_of(first[author]), points_of(best[author]), None]
        ys += [row, row, None]
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"color": GREY, "width": 2},
    }
    data = [line | {"hoverinfo": "skip", "showlegend": False}]
    for label, of, colour, symbol in (
        ("first run", first, ORANGE, "circle-open"),
        ("best run", best, BLUE, "circle"),
    ):
        texts = [
            [name, f"{label}: score {points(points_of(of[author]))}"]
            for name, author in zip(names, shown, strict=True)
        ]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": label,
                "x": [points_of(of[author]) for author in shown],
                "y": rows,
                "marker": {"color": colour, "symbol": symbol, "size": 10},
                "customdata": texts,
                "hovertemplate": HOVER,
            }
        )
    layout = {
        "height": max(220, 110 + 28 * len(shown)),
        "xaxis": {"title": {"text": "Score"}, "range": [-2, 103]},
        "yaxis": {"tickvals": rows, "ticktext": names, "autorange": "reversed", "zeroline": False},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    }
    left = f" The first {len(shown)} of {len(who)} who gained." if len(who) > len(shown) else ""
    return Plot(
        "Who improved",
        f"From the first run to the best one.{left}",
        {"data": data, "layout": layout},
    )


def when(run: Result) -> str:
    return f"{run.moment:%Y-%m-%dT%H:%M:%S}"


def name_of(run: Result) -> str:
    return shown_name(run.submission.author, PLOT_NAME_CHARACTERS)
