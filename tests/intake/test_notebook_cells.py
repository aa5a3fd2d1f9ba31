"""Places in a notebook are told by its code cells: in errors, in the log, and in what the doctor
says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import v4

from grader.doctor.source import read_source
from grader.intake.notebook_cells import read_cells
from grader.intake.submission import open_submission
from grader.records import Result

SPOOF = "# --- cell 9, 1 line ---"


def notebook(path: Path, *cells: str) -> Path:
    """Write a notebook with a text before every code cell: only code cells count."""
    every = [make(source) for source in cells for make in (v4.new_markdown_cell, v4.new_code_cell)]
    path.write_text(json.dumps(v4.new_notebook(cells=every)))
    return path


def script_of(tmp_path: Path, *cells: str) -> Path:
    submission, _ = open_submission(
        notebook(tmp_path / "work.ipynb", *cells), tmp_path / "opened", task_id="neuron"
    )
    return submission.folder / submission.file


def test_every_line_of_every_cell_is_found_again(tmp_path: Path) -> None:
    cells = [
        "a = 'FIND'",
        "",
        f"{SPOOF}\nb = 1\n\nc = 'FIND'\n",
        "%%time\n\nd = 'FIND'",
        "!ls\ne = 'FIND'\r\nf = 'FIND'",
    ]
    script = script_of(tmp_path, *cells)
    known = read_cells(script)
    found = [
        known.place(number)
        for number, line in enumerate(script.read_text().split("\n"), start=1)
        if "'FIND'" in line
    ]
    wanted = [
        (cell, number)
        for cell, source in enumerate(cells, start=1)
        for number, line in enumerate(source.replace("\r", "").split("\n"), start=1)
        if "'FIND'" in line
    ]
    assert found == [f"work.ipynb, cell {cell}, line {line}" for cell, line in wanted]
    assert len(found) == 5


def test_texts_are_told_as_the_notebooks(tmp_path: Path) -> None:
    cells = read_cells(script_of(tmp_path, "x = 1\ny = 2", "def f():\n    return 3"))
    assert (
        cells.named('File "/box/work_notebook.py", line 6, in f')
        == 'File "/box/work.ipynb", cell 2, line 1, in f'
    )
    assert cells.named("(work_notebook.py, line 3: y = 2)") == "(work.ipynb, cell 1, line 2: y = 2)"
    assert (
        cells.named("work_notebook.py:7: UserWarning") == "work.ipynb, cell 2, line 2: UserWarning"
    )
    assert cells.named("work_notebook.py has no function f()") == "work.ipynb has no function f()"
    for other in ("my_work_notebook.py:7", "a.work_notebook.py:7", "solution.py:7", ""):
        assert cells.named(other) == other
    assert cells.named("work_notebook.py:0") == "work_notebook.py:0"
    assert cells.named(f"work_notebook.py:{'9' * 30}").startswith("work.ipynb")


def test_a_script_of_another_kind_has_no_cells(tmp_path: Path) -> None:
    plain = tmp_path / "solution.py"
    plain.write_text("# --- cell 1, 1 line ---\nx = 1\n")
    assert read_cells(plain).named("solution.py:2") == "solution.py:2"
    odd = tmp_path / "odd_notebook.py"
    odd.write_text("x = 1\n# --- cell 1, 1 line ---\nx = 1\n")
    assert read_cells(odd).named("odd_notebook.py:2") == "odd_notebook.py:2"
    assert read_cells(tmp_path / "gone_notebook.py").starts == ()
    odd.write_text("# --- cell 1, 9999999 lines ---\nx = 1\n")
    assert read_cells(odd).place(2) == "odd.ipynb, cell 1, line 1"


def test_the_doctor_names_the_cell(tmp_path: Path) -> None:
    model = "import torch.nn as nn\n\nmodel = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))"
    train = (
        "def train(data):\n    loss = nn.CrossEntropyLoss()\n    loss(model(data), data).backward()"
    )
    script = script_of(tmp_path, "x = 1", model, train)
    places = read_source(script.parent, script.name).places
    assert places
    assert all(place.startswith("work.ipynb, cell ") for place in places.values())
    assert "work.ipynb, cell 2, line 3" in places.values()


@pytest.fixture
def graded(tmp_path: Path, grade_folder: Callable[..., Result]) -> Result:
    cells = (
        "import warnings",
        "%%time\ndef weighted_sum(x, w, b):\n    warnings.warn('odd')\n    return zero",
        "def neuron(x, w, b):\n    raise NotImplementedError",
    )
    return grade_folder(notebook(tmp_path / "work.ipynb", *cells), "neuron")


def test_what_a_run_tells_of_a_notebook_names_cells(graded: Result, results: Path) -> None:
    assert "(work.ipynb, cell 2, line 4: return zero)" in graded.verdict.reason
    told = {f"{case.function} {case.status}": case.message for case in graded.cases}
    assert "(work.ipynb, cell 2, line 4: return zero)" in told["weighted_sum error"]
    assert "(work.ipynb, cell 3, line 2: raise NotImplementedError)" in told["neuron not_attempted"]
    assert "work.ipynb has no function layer()" in told["layer not_attempted"]
    log = (results / "neuron" / graded.id / "log.txt").read_text()
    assert "work.ipynb, cell 2, line 3: UserWarning: odd" in log
    stored = (results / "neuron" / graded.id / "result.json").read_text()
    assert stored.count("_notebook.py") == 1  # submission.file, the file that was imported
