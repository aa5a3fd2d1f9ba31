"""`grader export frame`: every stored result as a table for pandas, as CSV and Parquet.

A row for each result, a column for each measurement; the columns are those of
`grader.results_frame`. In the CSV, texts that a spreadsheet would run are made harmless by an
apostrophe in front; Parquet has types and keeps every text as it is. Parquet needs pyarrow, which
`pip install 'dl-grader[parquet]'` brings; without it there is the CSV alone.
"""

from __future__ import annotations

import importlib.util
import io

from grader.classroom.export_order import Order
from grader.results.frame import frame_of
from grader.text import table_cell

NEEDS = "stored"


def files_of(order: Order) -> dict[str, bytes]:
    """Return both tables, or the CSV alone where pyarrow is not installed."""
    table = frame_of(order.results.values())
    safe = table.map(lambda cell: table_cell(cell) if isinstance(cell, str) else cell)
    files = {"results.csv": safe.to_csv(index=False).encode("utf-8-sig")}
    if importlib.util.find_spec("pyarrow") is not None:
        content = io.BytesIO()
        table.to_parquet(content, index=False)
        files["results.parquet"] = content.getvalue()
    return files
