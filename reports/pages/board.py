"""One page for each board: its table, drawn in the browser, and its figures.

Without scripts the page shows the first entries as a plain table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from grader.records import Result, Status
from grader.results.boards import Board, Entry
from grader.results.ranking import RANK_RULE
from grader.text import shown_name
from reports.contents import Contents
from reports.figures.board_plots import board_plots
from reports.numbers import (
    figure_text,
    finite,
    interval_text,
    is_lower_better,
    measure_name,
    points_text,
    value_text,
)
from reports.pages.columns import Cell, Column, figures_of
from reports.pages.page import FRONT, render
from reports.words import VERDICTS, framework, machine_text

PLAIN_ROWS = 50
PAGE_LENGTH = 50
WIDE_PLACE = 3  # in the cell of a figure: text, value, interval, whether it is too wide, its ends
END_DIGITS = 6  # significant ones, of the ends of an interval
ALWAYS_SHOWN = ("speed_ratio", "peak_memory_bytes", "latency_seconds")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIGURES = (
    # measurement, whether the first click on its heading shows the greatest value first, what it is
    ("latency_seconds", False, "one input at a time"),
    ("throughput_per_second", True, "in full batches"),
    ("speed_ratio", True, "times par; higher is better"),
    ("peak_memory_bytes", False, "of everything in the box"),
    ("memory_ratio", True, "par's memory divided by the entry's; higher is better"),
    ("train_seconds", False, "shown and limited, not scored"),
)


def board_page(board: Board, contents: Contents) -> str:
    """Return the HTML page of one board."""
    letters = machine_letters(board)
    rows = [cells(entry, letters, contents) for entry in board.entries]
    columns = filled_columns(board, rows)
    siblings = contents.boards_by_task[board.key.task_id]
    plain = board.entries[:PLAIN_ROWS]
    return render(
        "board.html",
        root="../",
        here=FRONT,
        has_tables=True,
        has_plots=True,
        board=board,
        title=contents.title_of(board),
        about=contents.about_of(board),
        lesson=contents.lessons.get(board.key.task_id, ""),
        stage=contents.stage_of(board),
        siblings=[(each, contents.board_files[each.key]) for each in siblings],
        columns=columns,
        column_data=[column.plain() for column in columns],
        rows=[[row[column.key] for column in columns] for row in rows],
        plain=[(entry, contents.address_of(entry.result)) for entry in plain],
        page_length=PAGE_LENGTH,
        metric=measure_name(board.newest.metric_key),
        metric_text=lambda result: figure_text(result, result.metric_key),
        figures=figures_of(board_plots(board)),
        machines=machine_lines(board, letters),
        statuses=Counter(entry.result.verdict.status for entry in board.entries),
        rank_rule=RANK_RULE,
        has_wide=any(is_wide(cell) for row in rows for cell in row.values()),
    )


def is_wide(cell: Cell) -> bool:
    """Whether a figure's interval is too wide to rank by."""
    return isinstance(cell, list) and len(cell) > WIDE_PLACE and cell[WIDE_PLACE] == 1


def machine_letters(board: Board) -> dict[str, str]:
    """Return a short name for each machine that an entry was measured on, by its id."""
    letters = {}
    for number, machine in enumerate(board.machines):
        letters[machine.id] = LETTERS[number] if number < len(LETTERS) else str(number + 1)
    return letters


def machine_lines(board: Board, letters: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """Return letter, description and number of entries of each machine."""
    counts = Counter(entry.result.machine.id for entry in board.entries)
    return [
        (letters[machine.id], machine_text(machine), counts[machine.id])
        for machine in board.machines
    ]


def filled_columns(board: Board, rows: list[dict[str, Cell]]) -> list[Column]:
    """Return the columns in which some entry has a value."""
    columns = []
    for column in columns_of(board):
        if any(row[column.key] is not None for row in rows):
            columns.append(column)
    return columns


def columns_of(board: Board) -> list[Column]:
    """Return all columns that a board may have."""
    newest = board.newest
    lower = is_lower_better(newest)
    metric = Column(
        "metric",
        measure_name(newest.metric_key),
        "figure",
        greatest_first=not lower,
        about="lower is better" if lower else "higher is better",
        exact=newest.metric_key == "cases",
    )
    columns = [
        Column("rank", "Rank", "place"),
        Column("author", "Author", "link"),
        Column("entry", "Entry", "link"),
        Column("score", "Score", "score", greatest_first=True, about="of 100 points"),
        Column("verdict", "Verdict", "verdict", choices=True),
        metric,
    ]
    for key, greatest_first, about in FIGURES:
        spare = key not in ALWAYS_SHOWN
        columns.append(Column(key, measure_name(key), "figure", greatest_first, about, spare))
    runs = "graded runs of this author"
    columns += [
        Column(
            "framework", "Framework", choices=True, spare=True, about="as the runner reported it"
        ),
        Column("tier", "Tier", choices=True, spare=True),
        Column("machine", "Machine", choices=True, spare=True),
        Column("attempts", "Runs", "figure", greatest_first=True, about=runs, spare=True),
        Column("date", "Date", "figure", greatest_first=True, spare=True),
    ]
    return columns


def cells(entry: Entry, letters: Mapping[str, str], contents: Contents) -> dict[str, Cell]:
    """Return one entry's cells by column; None where it has no value."""
    result = entry.result
    made = result.moment
    name = shown_name(result.submission.name, missing="(untitled)")
    author = shown_name(result.submission.author)
    row: dict[str, Cell] = {
        "rank": rank_cell(entry),
        "author": [author, author.casefold(), f"../{contents.author_of(result.submission.author)}"],
        "entry": [name, name.casefold(), f"../{contents.address_of(result)}"],
        "score": score_cell(result),
        "verdict": verdict_cell(result),
        "metric": figure_cell(result, result.metric_key),
        "framework": framework(result) or None,
        "tier": result.tier.value,
        "machine": letters[result.machine.id] if len(letters) > 1 else None,
        "attempts": [str(entry.attempts), entry.attempts],
        "date": [f"{made:%Y-%m-%d}", round(made.timestamp())],
    }
    for key, *_ in FIGURES:
        row[key] = figure_cell(result, key)
    return row


def rank_cell(entry: Entry) -> Cell:
    """Return the rank, with an equals sign if it is shared."""
    return None if entry.rank is None else [rank_text(entry), entry.rank]


def rank_text(entry: Entry) -> str:
    return f"{entry.rank}=" if entry.shared else str(entry.rank)


def score_cell(result: Result) -> Cell:
    """Return the points, with the three parts of their bar."""
    score = result.score
    if score is None:
        return None
    parts = [round(part, 1) for part in (score.accuracy, score.speed, score.memory)]
    return [points_text(score.total), finite(score.total), parts]


def verdict_cell(result: Result) -> Cell:
    status = result.verdict.status
    word = VERDICTS[status]
    text = f"{word.text}, stopped" if result.was_stopped else word.text
    return [text, list(Status).index(status), status.value, word.symbol]


def figure_cell(result: Result, key: str) -> Cell:
    """Return a measurement with its interval, whether that is too wide, and its ends.

    None where it was not measured. The ends say, on the page, whether two entries differ.
    """
    measured = result.measurements.get(key)
    if measured is None:
        return None
    cases = sum(group.cases for group in result.cases)
    if key == "cases" and cases:
        passed = sum(group.passed for group in result.cases)
        return [f"{passed} of {cases}", finite(measured.value)]
    cell: list[Any] = [value_text(key, measured), finite(measured.value)]
    if measured.interval is not None:
        ends = [float(f"{end:.{END_DIGITS}g}") for end in measured.interval]
        cell += [interval_text(key, measured), int(measured.is_too_wide), finite(ends)]
    return cell
