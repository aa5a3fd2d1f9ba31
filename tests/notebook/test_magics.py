"""The magics in a kernel, and what they say where something is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import v4
from support.paths import ROOT

import grader
from grader.notebook import magics
from grader.notebook.ran import History, file_of

WEIGHTED_SUM = "def weighted_sum(x, w, b):\n    return np.dot(x, w) + b"


def fake_shell(*cells: str, **names: Any) -> Any:
    """What the magics ask of IPython's shell, where nothing is run."""
    manager = SimpleNamespace(input_hist_raw=["", *cells])
    return SimpleNamespace(user_ns=names, history_manager=manager)


def execute(cells: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run a notebook in a kernel; return each cell's output as text and HTML."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where)
    client.execute()
    return [json.dumps(cell.outputs, ensure_ascii=False) for cell in notebook.cells]


@pytest.mark.filterwarnings("ignore")
def test_a_notebook_grades_a_cell_and_shows_the_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = execute(
        [
            "import numpy as np\n%load_ext grader",
            f"%%grade neuron\n{WEIGHTED_SUM}",
            "weighted_sum(np.ones(2), np.ones(2), 1.0)",
            "%grader board neuron",
            "%%grade neurn\nx = 1",
        ],
        tmp_path,
        monkeypatch,
    )
    assert "taken along from earlier cells: np" in shown[1]
    assert "30.0 of 100" in shown[1]
    assert "<b>Next</b>" in shown[1]
    assert "3.0" in shown[2]
    assert "<table>" in shown[3]
    assert "Did you mean 'neuron'?" in shown[4]
    [stored] = grader.load_results(tmp_path / "results")
    assert stored.submission.source == "notebook"


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")
def test_without_a_file_the_cells_that_ran_are_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = execute(
        ["%load_ext grader", "import numpy as np", WEIGHTED_SUM, "%grader run neuron"],
        tmp_path,
        monkeypatch,
    )
    assert "the cells that ran are graded" in shown[3]
    assert "30.0 of 100" in shown[3]


def test_a_file_older_than_the_cell_that_runs_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "work.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1"]}]}))
    shell = fake_shell("%grader run neuron", __vsc_ipynb_file__=str(path))
    assert magics.Magics(shell).line("run neuron") is None
    said = capsys.readouterr().err
    assert "work.ipynb was last saved before this cell" in said
    assert "Ctrl+S" in said


def test_a_file_that_is_gone_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = fake_shell("%grader run neuron", __vsc_ipynb_file__=str(tmp_path / "gone.ipynb"))
    magics.Magics(shell).line("run neuron")
    assert "gone.ipynb" in capsys.readouterr().err


def test_the_file_is_told_by_each_front_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "RTC:/home/ada/work.ipynb")
    assert file_of(fake_shell()) == Path("/home/ada/work.ipynb")
    assert file_of(fake_shell(__vsc_ipynb_file__="/v/a.ipynb")) == Path("/v/a.ipynb")
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ada/console-1")
    assert file_of(fake_shell()) is None


def test_of_a_cell_that_ran_again_the_last_counts_and_errors_are_left_out() -> None:
    history = History()
    for source, cell, is_success in (
        ("a = 1", "one", True),
        ("a = b", "two", False),
        ("a = 2", "one", True),
    ):
        info = SimpleNamespace(raw_cell=source, store_history=True, cell_id=cell)
        history.note(SimpleNamespace(success=is_success, info=info))
    assert history.cells() == ["a = 2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "%grader run"),
        ("run --sandbox", "expected one argument"),
        ("run neurn", "Did you mean 'neuron'?"),
        ("run 'neuron", "cannot read"),
    ],
)
def test_a_wrong_word_is_one_message(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert magics.Magics(fake_shell("%grader")).line(words) is None
    assert said in capsys.readouterr().err


def test_a_kernel_without_what_the_grader_needs_is_told_which_python_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "grader.notebook.magics", None)
    grader.load_ipython_extension(None)
    said = capsys.readouterr().err
    assert sys.executable in said
    assert "%pip install dl-grader" in said


def test_a_kernel_that_is_too_old_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    grader.load_ipython_extension(None)
    assert "Python 3.10.4" in capsys.readouterr().err


def test_the_grader_is_imported_without_ipython() -> None:
    code = "import sys, grader, grader.notebook.magics; print('IPython' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
