"""Who improved on a board: the first and the best score of those who gained most."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Result
from grader.text import same_name
from reports.figures.over_time import plot_name, total_of
from reports.figures.plot import (
    BLUE,
    GREY,
    HOVER,
    LEGEND,
    ORANGE,
    Plot,
    Trace,
    of_values,
    row_axis,
)
from reports.numbers import points_text

MOST_IMPROVED = 15

Pair = tuple[Result, Result]  # an author's first run and best run


def improved(runs: Sequence[Result]) -> Plot | None:
    """Return the first and the best score of those who gained most; None if nobody gained.

    runs: with a finite score, oldest first.
    """
    gainers = who_gained(runs)
    if not gainers:
        return None
    shown = gainers[:MOST_IMPROVED]
    names = [plot_name(best) for _, best in shown]
    data = [
        joining_lines(shown),
        ends("first run", [first for first, _ in shown], names, ORANGE, "circle-open"),
        ends("best run", [best for _, best in shown], names, BLUE, "circle"),
    ]
    layout = {
        "height": max(220, 110 + 28 * len(shown)),
        "xaxis": {"title": {"text": "Score"}, "range": [-2, 103]},
        "yaxis": row_axis(names) | {"zeroline": False},
        "legend": LEGEND,
    }
    caption = "From the first run to the best one."
    if len(gainers) > len(shown):
        caption += f" The first {len(shown)} of {len(gainers)} who improved."
    return of_values("Who improved", caption, data, layout)


def who_gained(runs: Sequence[Result]) -> list[Pair]:
    """Return first and best run of each author whose best is better, the largest gain first."""
    first: dict[str, Result] = {}
    best: dict[str, Result] = {}
    for run in runs:
        author = same_name(run.submission.author)
        first.setdefault(author, run)
        if author not in best or total_of(run) > total_of(best[author]):
            best[author] = run
    pairs = [(first[author], best[author]) for author in first]
    gainers = [pair for pair in pairs if gain(pair) > 0]
    return sorted(gainers, key=gain, reverse=True)


def gain(pair: Pair) -> float:
    first, best = pair
    return total_of(best) - total_of(first)


def joining_lines(pairs: Sequence[Pair]) -> Trace:
    """Return a line from the first to the best score of each row; None breaks it between rows."""
    xs: list[float | None] = []
    ys: list[int | None] = []
    for row, (first, best) in enumerate(pairs):
        xs += [total_of(first), total_of(best), None]
        ys += [row, row, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"color": GREY, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def ends(
    label: str, runs: Sequence[Result], names: Sequence[str], colour: str, symbol: str
) -> Trace:
    totals = [total_of(run) for run in runs]
    hovers = []
    for name, total in zip(names, totals, strict=True):
        hovers.append([name, f"{label}: score {points_text(total)}"])
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label,
        "x": totals,
        "y": list(range(len(totals))),
        "marker": {"color": colour, "symbol": symbol, "size": 10},
        "customdata": hovers,
        "hovertemplate": HOVER,
    }
