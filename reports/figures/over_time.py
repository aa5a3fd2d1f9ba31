"""The scores of a board's runs over time, and the best of them so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import Result, Status
from grader.text import shown_name
from reports.figures.plot import (
    BLUE,
    GREY,
    HOVER,
    LEGEND,
    NAME_CHARACTERS,
    Plot,
    Trace,
    of_values,
)
from reports.numbers import points_text
from reports.words import day, plot_text

MOST_RUNS = 1500


def best_over_time(runs: Sequence[Result]) -> Plot | None:
    """Return every run over its date, and the best accepted score so far as steps.

    runs: with a finite score, oldest first. None for fewer than two.
    """
    if len(runs) < 2:
        return None
    data = [every_run(runs[-MOST_RUNS:])]
    records = records_of(runs)
    if records:
        data.append(best_so_far(records, runs[-1]))
    layout = {
        "height": 340,
        "yaxis": {"title": {"text": "Score"}, "range": [0, 103]},
        "xaxis": {"type": "date"},
        "legend": LEGEND,
    }
    caption = "Each step is a new best among accepted runs."
    if len(runs) > MOST_RUNS:
        caption += f" The last {MOST_RUNS} of {len(runs)} runs."
    return of_values("Best score over time", caption, data, layout)


def records_of(runs: Sequence[Result]) -> list[Result]:
    """Return the accepted runs that beat every accepted run before them."""
    best = -math.inf
    records = []
    for run in runs:
        if run.verdict.status is Status.ACCEPTED and total_of(run) > best:
            best = total_of(run)
            records.append(run)
    return records


def every_run(runs: Sequence[Result]) -> Trace:
    hovers = []
    for run in runs:
        hovers.append([plot_name(run), f"score {points_text(total_of(run))}"])
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "every run",
        "x": [when(run) for run in runs],
        "y": [total_of(run) for run in runs],
        "marker": {"color": GREY, "size": 6, "opacity": 0.6},
        "customdata": hovers,
        "hovertemplate": HOVER,
    }


def best_so_far(records: Sequence[Result], newest: Result) -> Trace:
    """Return the records as steps, the last one drawn on to the date of the newest run."""
    shown = [*records, records[-1]]
    hovers = []
    for run in shown:
        hovers.append([plot_name(run), f"score {points_text(total_of(run))}, {day(run.moment)}"])
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "best so far",
        "x": [*(when(run) for run in records), when(newest)],
        "y": [total_of(run) for run in shown],
        "line": {"color": BLUE, "width": 2, "shape": "hv"},
        "marker": {"color": BLUE, "size": 8},
        "customdata": hovers,
        "hovertemplate": HOVER,
    }


def total_of(run: Result) -> float:
    return run.score.total if run.score is not None else 0.0


def when(run: Result) -> str:
    return f"{run.moment:%Y-%m-%dT%H:%M:%S}"


def plot_name(run: Result) -> str:
    return plot_text(shown_name(run.submission.author, NAME_CHARACTERS))
