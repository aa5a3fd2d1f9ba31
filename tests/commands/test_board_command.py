"""`grader board` where nothing is stored: it names the folder it looked in, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.commands.board import no_results


@pytest.mark.parametrize("task", [None, "neuron"])
def test_where_there_are_no_results_the_whole_path_is_said(
    task: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = no_results(task, Path("results"))
    assert f"in {tmp_path.resolve() / 'results'} yet" in said
    assert "--results" in said
