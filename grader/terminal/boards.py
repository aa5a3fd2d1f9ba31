"""Boards in a terminal, and the figures of several runs of one solution."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader import measures
from grader.measures import Measure
from grader.records import Measured, Result
from grader.terminal.figures import board_cell, short_figure
from grader.terminal.one_result import print_hanging, print_rows
from grader.terminal.tables import Column, print_table
from grader.text import terminal_line

STOPPED = ", stopped"  # beside a verdict: the training was ended by its budget
# How soon a figure is left out where the terminal is narrow; the metric is always shown.
LEFT_OUT = {
    "speed_ratio": 3,
    "peak_memory_bytes": 4,
    "memory_ratio": 6,
    "latency_seconds": 7,
    "train_seconds": 8,
    "throughput_per_second": 9,
}
NAME_LEFT_OUT = 5
SPREAD_SHOWN = ("train_seconds", "speed_ratio", "memory_ratio")  # of several runs, and the metric


def print_board(console: Console, title: str, rows: Sequence[tuple[int | None, Result]]) -> None:
    """Print one board: rank (None for what was not accepted) and result, in the board's order."""
    measured = {name for _, result in rows for name in result.measurements}
    shown = [each for each in measures.REGISTERED if each.column and each.id in measured]
    columns = [
        Column("", is_number=True),
        Column("author", folds=True),
        Column("name", folds=True, drop=NAME_LEFT_OUT),
        Column("score", is_number=True),
        Column("verdict", folds=True),
    ]
    for measure in shown:
        columns.append(Column(measure.column, is_number=True, drop=LEFT_OUT.get(measure.id, 0)))
    print_hanging(console, Text(terminal_line(title), "bold"))
    print_table(console, columns, [board_row(rank, each, shown) for rank, each in rows])


def board_row(rank: int | None, result: Result, shown: Sequence[Measure]) -> list[str]:
    """Return the cells of one entry."""
    verdict = result.verdict.status.value.replace("_", " ")
    cells = [
        str(rank or ""),
        terminal_line(result.submission.author),
        terminal_line(result.submission.name),
        "-" if result.score is None else f"{result.score.total:.1f}",
        verdict + (STOPPED if result.was_stopped else ""),
    ]
    return cells + [board_cell(each, result.measurements.get(each.id)) for each in shown]


def print_spread(console: Console, results: Sequence[Result]) -> None:
    """Print the figures of several runs of one solution: medians, lowest and highest."""
    scores = [each.score.total for each in results if each.score is not None]
    rows = []
    if scores:
        points = [Measured(value=total, unit="points") for total in scores]
        rows.append(("score", median_and_ends(points)))
    for name in (results[0].metric_key, *SPREAD_SHOWN):
        found = [each.measurements[name] for each in results if name in each.measurements]
        if found:
            label = measures.find(name, found[0].unit).in_sentence
            rows.append((label, median_and_ends(found)))
    head = f"\n{len(results)} runs: the median, with the lowest and highest where they differ"
    console.print(Text(head, "bold"))
    print_rows(console, rows)


def median_and_ends(figures: Sequence[Measured]) -> str:
    """Return the median of some figures, and the lowest and the highest where they differ."""
    ordered = sorted(figures, key=lambda figure: figure.value)
    median = statistics.median(figure.value for figure in ordered)
    shown = short_figure(ordered[0].model_copy(update={"value": median}))
    low = short_figure(ordered[0])
    high = short_figure(ordered[-1])
    return shown if low == high else f"{shown} ({low} to {high})"
