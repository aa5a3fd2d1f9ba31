"""How boards look as the last value of a notebook's cell: plain tables in its own colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.figures import measure_name, value_text
from grader.records import Result
from grader.results.boards import Board, Entry
from grader.text import notebook_line, notebook_text

FIGURES = ("speed_ratio", "peak_memory_bytes", "latency_seconds")
MOST_ENTRIES = 50
LEFT = "text-align:left"
RIGHT = "text-align:right"


@dataclass(frozen=True)
class BoardsView:
    """Boards as a front end shows them."""

    boards: Sequence[Board]

    def _repr_html_(self) -> str:
        return "".join(board_html(board) for board in self.boards)

    def __repr__(self) -> str:
        return f"{len(self.boards)} board{'s' * (len(self.boards) != 1)}"


def boards_view(boards: Sequence[Board]) -> BoardsView:
    """Return boards as the value of a cell."""
    return BoardsView(boards)


def board_html(board: Board) -> str:
    """Return a board's first entries as a table: rank, author, score, verdict and figures."""
    entries = board.entries[:MOST_ENTRIES]
    shown = figures_of(board, entries)
    names = ["", "author", "name", "score", "verdict", *map(measure_name, shown)]
    styles = [RIGHT, LEFT, LEFT, RIGHT, LEFT, *(RIGHT for _ in shown)]
    rows = [row_html([notebook_text(name) for name in names], styles, "th")]
    rows += [row_html(cells_of(entry, shown), styles, "td") for entry in entries]
    title = notebook_line(board.newest.task.title)
    about = f"{notebook_text(board.key.tier.value)} tier, {notebook_line(board.key.device)}"
    left = len(board.entries) - len(entries)
    more = f"<p>and {left} more</p>" if left > 0 else ""
    return (
        f'<div class="dl-grader" style="color:inherit"><p><b>{title}</b>, {about}</p>'
        f"<table>{''.join(rows)}</table>{more}</div>"
    )


def figures_of(board: Board, entries: Sequence[Entry]) -> list[str]:
    """Return the figures that some entry has: the metric first."""
    metric = board.newest.metric_key
    keys = [metric, *(key for key in FIGURES if key != metric)]
    return [key for key in keys if any(key in entry.result.measurements for entry in entries)]


def cells_of(entry: Entry, shown: Sequence[str]) -> list[str]:
    """Return the cells of one entry, escaped."""
    result = entry.result
    score = "" if result.score is None else f"{result.score.total:.1f}"
    return [
        "" if entry.rank is None else str(entry.rank),
        notebook_line(result.submission.author),
        notebook_line(result.submission.name),
        score,
        notebook_text(result.verdict.status.value.replace("_", " ")),
        *(figure_html(result, key) for key in shown),
    ]


def figure_html(result: Result, key: str) -> str:
    """Return a figure of an entry; empty where it was not measured."""
    figure = result.measurements.get(key)
    return "" if figure is None else notebook_text(value_text(key, figure))


def row_html(cells: Sequence[str], styles: Sequence[str], tag: str) -> str:
    """Return one row of a table."""
    pairs = zip(cells, styles, strict=True)
    inner = "".join(f'<{tag} style="{style}">{cell}</{tag}>' for cell, style in pairs)
    return f"<tr>{inner}</tr>"
