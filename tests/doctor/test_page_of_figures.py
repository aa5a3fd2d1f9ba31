"""The page of the doctor's figures is written from all runs, never from a part of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.doctor import __main__ as program
from grader.errors import UsageError


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that has a committed page, and no stored run."""
    monkeypatch.setattr(program, "DOCS", tmp_path / "committed.md")
    monkeypatch.setattr(program, "PARTIAL", tmp_path / "build" / "partial.md")
    (tmp_path / "committed.md").write_text("2490 runs")
    return tmp_path


def words(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.doctor", *arguments])


def test_one_entry_is_measured_and_the_committed_page_stays(
    pages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = str(pages / "runs.jsonl")
    few = ("--seeds", "0:1", "--correct", "0:0", "--pictures", "0:0", "--runs", runs)
    words(monkeypatch, "--entries", "summed_loss", *few)
    program.main()
    assert (pages / "committed.md").read_text() == "2490 runs"
    assert "2 runs" in (pages / "build" / "partial.md").read_text()
    printed = capsys.readouterr().out
    assert "| `summed_loss` |" in printed
    assert "| `double_softmax` |" not in printed


@pytest.mark.parametrize("option", [("--report",), ("--seeds", "0:0", "--correct", "0:0")])
def test_a_clone_without_the_runs_keeps_its_page(
    pages: Path, monkeypatch: pytest.MonkeyPatch, option: tuple[str, ...]
) -> None:
    words(monkeypatch, *option)
    assert program.page_for(program.options(), {}) == program.PARTIAL


def test_the_page_is_written_once_every_run_is_there(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: dict[str, Any] = {run.key: {} for run in program.full_plan()}
    words(monkeypatch)
    assert program.page_for(program.options(), lines) == program.DOCS
    lines.popitem()
    assert program.page_for(program.options(), lines) == program.PARTIAL


def test_an_unknown_entry_is_said_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    words(monkeypatch, "--entries", "sumed_loss")
    with pytest.raises(UsageError, match="summed_loss"):
        program.chosen_entries(program.options())
