"""`grader board` where nothing is stored: it names the folder it looked in, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.factories import make_result

from grader.commands.board import no_results
from grader.commands.report import report
from grader.results import store


@pytest.mark.parametrize("task", [None, "neuron"])
def test_where_there_are_no_results_the_whole_path_is_said(
    task: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = no_results(task, Path("results"))
    assert f"in {tmp_path.resolve() / 'results'} yet" in said
    assert "--results" in said


def test_results_further_up_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(tmp_path / "results", make_result())
    inside = tmp_path / "week-1" / "neuron"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    said = no_results(None, Path("results"))
    assert f"there are some in {tmp_path / 'results'}: --results " in said


def test_pages_without_results_say_where_they_were_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    report(results=Path("results"), site=tmp_path / "site")
    said = "".join(capsys.readouterr().err.split())
    assert f"noresultsin{tmp_path}/resultsyet" in said
