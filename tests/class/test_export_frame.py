"""`grader export frame`: every stored result as CSV and Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.factories import make_result

import grader
from grader.classroom.export_order import Order
from grader.classroom.exports import frame
from grader.commands.export import order_for_results
from grader.errors import UsageError
from grader.records import Result


def written(tmp_path: Path, *results: Result) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the CSV and the Parquet file, read back."""
    order = Order(results={str(number): each for number, each in enumerate(results)})
    for name, content in frame.files_of(order).items():
        (tmp_path / name).write_bytes(content)
    return pd.read_csv(tmp_path / "results.csv"), pd.read_parquet(tmp_path / "results.parquet")


def test_both_files_hold_what_the_frame_does(tmp_path: Path) -> None:
    result = make_result("Ada")
    csv, parquet = written(tmp_path, result)
    pd.testing.assert_frame_equal(parquet, grader.results_frame([result]))
    assert list(csv.columns) == list(parquet.columns)
    assert csv["score"].tolist() == parquet["score"].tolist()


def test_a_spreadsheet_runs_no_text_of_a_learner(tmp_path: Path) -> None:
    csv, parquet = written(tmp_path, make_result("=HYPERLINK(1)"))
    assert csv["author"].tolist() == ["'=HYPERLINK(1)"]
    assert parquet["author"].tolist() == ["=HYPERLINK(1)"]


def test_without_pyarrow_there_is_the_csv_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame.importlib.util, "find_spec", lambda _: None)
    assert list(frame.files_of(Order(results={"a": make_result("Ada")}))) == ["results.csv"]


def test_options_for_grades_and_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="are for grades"):
        order_for_results("frame", None, None, tmp_path, is_anonymous=True)
    with pytest.raises(UsageError, match="no results"):
        order_for_results("frame", None, None, tmp_path, is_anonymous=False)
