"""Results as a pandas table: a row for each, a column for each measurement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grader.records import Result

if TYPE_CHECKING:
    import pandas as pd


def frame_of(results: Iterable[Result]) -> pd.DataFrame:
    """Return results as a table; `grader.results_frame` says what its columns are."""
    # Here, because pandas takes most of a second to import.
    import pandas as pd

    return pd.DataFrame([row_of(result) for result in results])


def row_of(result: Result) -> dict[str, Any]:
    """Return one result as plain values, by column."""
    row: dict[str, Any] = {
        "result": result.id,
        "created_at": result.moment,
        "task": result.task.id,
        "exam_version": result.task.exam_version,
        "author": result.submission.author,
        "name": result.submission.name,
        "sha256": result.submission.sha256,
        "tier": result.tier.value,
        "device": result.device,
        "machine": result.machine.id,
        "verdict": result.verdict.status.value,
        "code": str(result.verdict.code),
        "score": result.score.total if result.score is not None else None,
    }
    for name, figure in result.measurements.items():
        row[name] = figure.value
        if figure.low is not None and figure.high is not None:
            row[f"{name}_low"] = figure.low
            row[f"{name}_high"] = figure.high
    return row
