"""Boards as one table, for spreadsheets: a row an entry, plain figures, nothing a spreadsheet would
run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grader.errors import UsageError
from grader.results.boards import Board

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def board_table(boards: Sequence[Board]) -> pd.DataFrame:
    """Return every entry of every board as a row; measured values in the units of
    docs/measure/results-format.md.
    """
    rows = []
    for board in boards:
        for entry in board.entries:
            result = entry.result
            row: dict[str, object] = {
                "task": result.task.id,
                "exam_version": result.task.exam_version,
                "tier": result.tier.value,
                "device": result.device,
                "rank": entry.rank,
                "author": harmless(result.submission.author),
                "name": harmless(result.submission.name),
                "verdict": result.verdict.status.value,
                "score": None if result.score is None else result.score.total,
                "created_at": result.created_at.isoformat(),
                "result": result.id,
            }
            rows.append(row | {name: figure.value for name, figure in result.measurements.items()})
    table = pd.DataFrame(rows)
    if "rank" in table:
        table["rank"] = table["rank"].astype("Int64")
    return table


def harmless(text: str) -> str:
    """Return text that a spreadsheet takes as text, also where it looks like a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(boards: Sequence[Board], path: Path) -> None:
    """Write the table as CSV."""
    try:
        board_table(boards).to_csv(path, index=False)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}; give another file"
        ) from None
