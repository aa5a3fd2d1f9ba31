"""One page a board: its table, as plain values that itables draws in the browser, and its figures.

A cell is None, a text, or [text, value to sort by, ...]: what follows depends on the kind of its
column (site.js). Without scripts the page has the first entries as a plain table.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.course.curriculum import Task
from grader.records import Result, Status
from grader.results.boards import Board, BoardKey, Entry
from grader.results.ranking import RANK_RULE
from reports import display
from reports.figures.board import Plot, plots
from reports.history import history
from reports.pages.page import digest, render

BOARDS = "boards"
PLAIN_ROWS = 50
PAGE_LENGTH = 50
FIGURES = (
    # key, whether the first click on the heading shows the greatest value first, what it says
    ("latency_seconds", False, "one input at a time"),
    ("throughput_per_second", True, "in full batches"),
    ("speed_ratio", True, "times par; more is better"),
    ("peak_memory_bytes", False, "of everything in the box"),
    ("memory_ratio", True, "par's memory over the entry's; more is better"),
    ("train_seconds", False, "shown and limited, not scored"),
)
Cell = list[Any] | str | None


@dataclass(frozen=True)
class Column:
    """One column of the table."""

    key: str
    title: str
    kind: str = "text"
    greatest_first: bool = False
    about: str = ""
    choices: bool = False  # few values: the heading offers them as a filter

    @property
    def is_number(self) -> bool:
        return self.kind in ("figure", "score", "place")

    def plain(self) -> dict[str, Any]:
        """Return what the page's script needs."""
        return {
            "key": self.key,
            "title": self.title,
            "kind": self.kind,
            "isNumber": self.is_number,
            "greatestFirst": self.greatest_first,
            "choices": self.choices,
        }


@dataclass(frozen=True)
class Figure:
    """A plot as the page needs it."""

    id: str
    plot: Plot
    values: dict[str, Any]


def board_pages(boards: Sequence[Board]) -> dict[BoardKey, str]:
    """Return the file name of each board's page: the task's id for its first board, with a mark for
    the others.
    """
    names: dict[BoardKey, str] = {}
    seen: set[str] = set()
    for board in boards:
        key = board.key
        stem = (
            key.task_id
            if key.task_id.replace("-", "").isalnum() and key.task_id.isascii()
            else digest(key.task_id)
        )
        mark = digest(key.exam_version, key.tier.value, key.device)[:8]
        names[key] = f"{stem}.html" if stem not in seen else f"{stem}--{mark}.html"
        seen.add(stem)
    return names


def board_page(
    board: Board,
    siblings: Sequence[Board],
    names: Mapping[BoardKey, str],
    task: Task | None,
    pages: Mapping[str, str],
) -> str:
    """Return the HTML page of one board. siblings: all boards of its task. pages: see
    `page.page_names`.
    """
    letters = {machine.id: letter(number) for number, machine in enumerate(board.machines)}
    rows = [cells(entry, letters, pages) for entry in board.entries]
    columns = [
        column for column in columns_of(board) if any(row[column.key] is not None for row in rows)
    ]
    counts = Counter(entry.result.machine.id for entry in board.entries)
    statuses = Counter(entry.result.verdict.status for entry in board.entries)
    return render(
        "board.html",
        root="../",
        here="index.html",
        has_tables=True,
        has_plots=True,
        board=board,
        title=task.spec.title if task is not None else board.newest.task.title,
        about=task.spec.about if task is not None else "",
        stage=task.spec.stage if task is not None else "not in this curriculum",
        task=task,
        siblings=[(other, names[other.key]) for other in siblings],
        columns=columns,
        column_data=[column.plain() for column in columns],
        rows=[[row[column.key] for column in columns] for row in rows],
        plain=[(entry, pages[entry.result.mark]) for entry in board.entries[:PLAIN_ROWS]],
        page_length=PAGE_LENGTH,
        metric=display.measure_name(board.newest.metric_key),
        figures=[
            Figure(f"plot-{number}", plot, values_of(plot))
            for number, plot in enumerate([*plots(board), *history(board)], start=1)
        ],
        machines=[(letters[m.id], display.machine_text(m), counts[m.id]) for m in board.machines],
        statuses=statuses,
        value_text=display.value_text,
        metric_of=lambda result: result.metric,
        rank_rule=RANK_RULE,
    )


def values_of(plot: Plot) -> dict[str, Any]:
    """Return a figure as plain values, without Plotly's template: the page has its own look."""
    whole = plot.figure if isinstance(plot.figure, dict) else json.loads(plot.figure.to_json())
    layout = {key: value for key, value in whole["layout"].items() if key != "template"}
    return {"data": whole["data"], "layout": layout}


def letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def columns_of(board: Board) -> list[Column]:
    """Return all columns a board may have."""
    newest = board.newest
    better = "less" if display.is_lower_better(newest) else "more"
    return [
        Column("rank", "Rank", "place"),
        Column("author", "Author", "author"),
        Column("entry", "Entry", "link"),
        Column("score", "Score", "score", greatest_first=True, about="of 100 points"),
        Column("verdict", "Verdict", "verdict", choices=True),
        Column(
            "metric",
            display.measure_name(newest.metric_key),
            "figure",
            greatest_first=not display.is_lower_better(newest),
            about=f"{better} is better",
        ),
        *(
            Column(key, display.measure_name(key), "figure", first, about)
            for key, first, about in FIGURES
        ),
        Column("framework", "Framework", choices=True, about="as the runner reported it"),
        Column("tier", "Tier", choices=True),
        Column("machine", "Machine", choices=True),
        Column(
            "attempts", "Runs", "figure", greatest_first=True, about="graded runs of this author"
        ),
        Column("date", "Date", "figure", greatest_first=True),
    ]


def cells(entry: Entry, letters: Mapping[str, str], pages: Mapping[str, str]) -> dict[str, Cell]:
    """Return one entry's cells; columns that no entry has a value for are left out of the table."""
    result = entry.result
    made = result.moment
    name = display.shown_name(result.submission.name, missing="(untitled)")
    row: dict[str, Cell] = {
        "rank": None
        if entry.rank is None
        else [f"{entry.rank}{'=' if entry.shared else ''}", entry.rank],
        "author": display.shown_name(result.submission.author),
        "entry": [name, name.casefold(), f"../results/{pages[result.mark]}"],
        "score": score_cell(result),
        "verdict": verdict_cell(result),
        "metric": figure_cell(result, result.metric_key),
        "framework": display.framework(result) or None,
        "tier": result.tier.value,
        "machine": letters[result.machine.id] if len(letters) > 1 else None,
        "attempts": [str(entry.attempts), entry.attempts],
        "date": [f"{made:%Y-%m-%d}", round(made.timestamp())],
    }
    return row | {key: figure_cell(result, key) for key, _, _ in FIGURES}


def score_cell(result: Result) -> Cell:
    """Return the points, with the three parts of their bar."""
    score = result.score
    if score is None:
        return None
    parts = [round(part, 1) for part in (score.accuracy, score.speed, score.memory)]
    return [display.points(score.total), display.finite(score.total), parts]


def verdict_cell(result: Result) -> Cell:
    status = result.verdict.status
    word = display.VERDICTS[status]
    return [word.text, list(Status).index(status), status.value, word.symbol]


def figure_cell(result: Result, key: str) -> Cell:
    """Return a measurement with its interval; None where it was not measured."""
    measured = result.measurements.get(key)
    if measured is None:
        return None
    cases = sum(group.cases for group in result.cases)
    if key == "cases" and cases:
        return [
            f"{sum(group.passed for group in result.cases)} of {cases}",
            display.finite(measured.value),
        ]
    spread = display.range_text(key, measured) if display.has_interval(measured) else ""
    cell = [
        display.value_text(key, measured),
        display.finite(measured.value),
        spread,
        int(measured.noisy),
    ]
    while len(cell) > 2 and not cell[-1]:
        cell.pop()
    return cell
