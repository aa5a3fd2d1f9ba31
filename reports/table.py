"""Boards as one table for spreadsheets: a row for each entry, plain figures, no formulas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grader.errors import UsageError
from grader.results.boards import Board, Entry
from grader.text import table_cell


def board_table(boards: Sequence[Board]) -> pd.DataFrame:
    """Return every entry of every board as a row.

    Measured values have the units of docs/measure/results-format.md.
    """
    table = pd.DataFrame([row_of(entry) for board in boards for entry in board.entries])
    if "rank" in table:
        table["rank"] = table["rank"].astype("Int64")
    return table


def row_of(entry: Entry) -> dict[str, object]:
    result = entry.result
    row: dict[str, object] = {
        "task": result.task.id,
        "exam_version": result.task.exam_version,
        "tier": result.tier.value,
        "device": result.device,
        "rank": entry.rank,
        "author": table_cell(result.submission.author),
        "name": table_cell(result.submission.name),
        "verdict": result.verdict.status.value,
        "score": None if result.score is None else result.score.total,
        "created_at": result.created_at.isoformat(),
        "result": result.id,
    }
    for name, figure in result.measurements.items():
        row[name] = figure.value
    return row


def write_csv(boards: Sequence[Board], path: Path) -> None:
    """Write the table as CSV. Raises UsageError if the file cannot be written."""
    try:
        board_table(boards).to_csv(path, index=False)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}; give another file"
        ) from None
