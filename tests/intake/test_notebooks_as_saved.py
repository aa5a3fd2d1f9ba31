"""Notebooks as Jupyter, Colab and editors save them: what is in them is run as it ran there."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SubmissionRefused
from grader.intake.notebook_cells import read_cells
from grader.intake.opener.notebooks import open_notebook
from grader.intake.submission import open_submission
from grader.records import Submission

MIB = 1 << 20


def notebook(*cells: str, **changes: Any) -> dict[str, Any]:
    made = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": source,
        }
        for number, source in enumerate(cells)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made} | changes


def opened(path: Path, content: bytes) -> Submission:
    path.write_bytes(content)
    return open_submission(path, path.parent / "opened", task_id="digits", author="Ada")[0]


def script_of(tmp_path: Path, *cells: str) -> str:
    """Return the script that is made of a notebook, here and not in a child, to be quick."""
    path = tmp_path / "work.ipynb"
    path.write_text(json.dumps(notebook(*cells)))
    open_notebook(path, tmp_path / "work_notebook.py")
    return (tmp_path / "work_notebook.py").read_text("utf-8")


def run(text: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "__main__"}
    code = compile(text, "work", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    pending = eval(code, space)
    if pending is not None:
        asyncio.run(pending)
    return space


ENCODINGS = {"mark": "utf-8-sig", "UTF-16": "utf-16", "UTF-32": "utf-32"}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_a_notebook_in_another_form_of_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    text = json.dumps(notebook("x = 'Zo\u00eb'"), ensure_ascii=False)
    submission = opened(tmp_path / "work.ipynb", text.encode(encoding))
    assert run((submission.folder / submission.file).read_text())["x"] == "Zo\u00eb"


def test_outputs_count_towards_no_limit(tmp_path: Path) -> None:
    made = notebook("x = 1")
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 8 * MIB}}
    made["cells"][0]["outputs"] = [picture]
    submission = opened(tmp_path / "work.ipynb", json.dumps(made).encode())
    assert run((submission.folder / submission.file).read_text())["x"] == 1


def test_code_counts_and_is_told_apart_from_outputs(tmp_path: Path) -> None:
    content = json.dumps(notebook(f"x = '{'y' * 2 * MIB}'")).encode()
    with pytest.raises(SubmissionRefused, match=r"2\.0 MiB of files in the code cells"):
        opened(tmp_path / "work.ipynb", content)


RUN_AS_IN_JUPYTER = {
    "future in a later cell": (["x = 1", "from __future__ import annotations\ny = 2"], ["x", "y"]),
    "future behind a magic": (
        ["%matplotlib inline\nfrom __future__ import division\nx = 1"],
        ["x"],
    ),
    "future on a shared line": (["y = 1", "from __future__ import annotations; x = 1"], ["x"]),
    "await": (["import asyncio\nx = await asyncio.sleep(0, 1)"], ["x"]),
    "shell line that goes on": (["!pip install a \\\n   b \\\n   c\nx = 1"], ["x"]),
    "magic that goes on": (["%pip install a \\\n  b\nx = 1"], ["x"]),
    "text with a shell line": (["!ls\nx = '''\n!no command\n% none\n'''"], ["x"]),
    "sum behind a magic": (["%matplotlib inline\nx = (7\n% 4)"], ["x"]),
    "capture into a name": (["%%capture out\nx = 1", "out.show()\ny = out.stdout"], ["x", "y"]),
    "capture with options": (["%%capture --no-stderr cap\nx = 1", "cap.show()"], ["x"]),
    "comment above a magic": (["# time it\n%%time\nx = 1"], ["x"]),
    "a magic that times a statement": (["%timeit -n 1 -r 1 x = 1\ny = 1"], ["x", "y"]),
    "a value that is timed": (["x = %time 1"], ["x"]),
    "bare pip": (["pip install torch\nx = 1"], ["x"]),
    "help on an item": (["d = {}\nd['a']?\nx = 1"], ["x"]),
    "magic in a block": (["if True:\n    !ls\n    x = 1"], ["x"]),
    "two names of a shell line": (["a, b = !ls\nx = 1"], ["x"]),
}


@pytest.mark.parametrize(("cells", "left"), RUN_AS_IN_JUPYTER.values(), ids=RUN_AS_IN_JUPYTER)
def test_a_cell_runs_as_it_ran_in_jupyter(
    tmp_path: Path, cells: list[str], left: list[str]
) -> None:
    space = run(script_of(tmp_path, *cells))
    assert set(left) <= set(space)


def test_what_only_looks_like_a_magic_is_code(tmp_path: Path) -> None:
    text = script_of(tmp_path, "!ls\nx = '''\n!no command\n'''\ny = 7 \\\n% 4")
    space = run(text)
    assert (space["x"], space["y"]) == ("\n!no command\n", 3)


def test_places_are_still_those_of_the_notebook_behind_features_of_the_future(
    tmp_path: Path,
) -> None:
    cells = ["x = 1", "from __future__ import (\n    annotations,\n)\ny = 'FIND'"]
    text = script_of(tmp_path, *cells)
    line = next(n for n, each in enumerate(text.split("\n"), start=1) if "FIND" in each)
    assert read_cells(tmp_path / "work_notebook.py").place(line) == "work.ipynb, cell 2, line 4"


def test_a_cell_that_writes_a_file_writes_it_and_another_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cells = (
        "%%writefile net.py\nwidth = 3\ntext = '''a\\n\"b\"'''",
        "%%writefile -a net.py\nheight = width + 1",
        "%run net.py",
        "area = width * height",
    )
    assert run(script_of(tmp_path, *cells))["area"] == 12


def test_a_script_that_is_a_notebook_is_read_as_one(tmp_path: Path) -> None:
    submission = opened(tmp_path / "work.py", json.dumps(notebook("x = 1")).encode())
    assert run((submission.folder / submission.file).read_text())["x"] == 1
    assert submission.notes == ("work.py is a notebook, and is read as one; call it .ipynb",)
    assert submission.source == "notebook"


def test_an_export_beside_its_notebook_does_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "hw.ipynb").write_text(json.dumps(notebook("x = 'notebook'")))
    (folder / "hw_notebook.py").write_text("x = 'mine'")
    (folder / "solution.ipynb").write_text(json.dumps(notebook("x = 'solution'")))
    submission, _ = open_submission(folder, tmp_path / "opened", task_id="digits", author="Ada")
    assert run((submission.folder / submission.file).read_text())["x"] == "solution"
    assert (submission.folder / "hw_notebook.py").read_text() == "x = 'mine'"
    (folder / "solution.ipynb").unlink()
    (folder / "hw_notebook.py").rename(folder / "hw.py")
    submission, _ = open_submission(folder, tmp_path / "again", task_id="digits", author="Ada")
    assert submission.notes == ("hw.ipynb is graded; hw.py beside it is not",)


def test_a_made_script_never_takes_the_place_of_a_learners_file(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "solution.ipynb").write_text(json.dumps(notebook("x = 1")))
    (folder / "solution_notebook.py").write_text("x = 'mine'")
    submission, _ = open_submission(folder, tmp_path / "opened", task_id="digits", author="Ada")
    assert (submission.folder / "solution_notebook.py").read_text() == "x = 'mine'"
    assert run((submission.folder / submission.file).read_text())["x"] == 1


@pytest.mark.parametrize("letters", [245, 250])
def test_a_notebook_with_the_longest_name_is_opened(tmp_path: Path, letters: int) -> None:
    name = "n" * (letters - len(".ipynb")) + ".ipynb"
    submission = opened(tmp_path / name, json.dumps(notebook("x = 1")).encode())
    assert submission.file.endswith("_notebook.py")
    assert len(submission.file) <= 255


COLAB = {
    "accelerator": "GPU",
    "colab": {"provenance": [], "gpuType": "T4"},
    "kernelspec": {"name": "python3", "display_name": "Python 3"},
    "language_info": {"name": "python"},
    "widgets": {"application/vnd.jupyter.widget-state+json": {"a1": {"model_name": "HBoxModel"}}},
}


def test_what_colab_puts_into_a_notebook_does_no_harm(tmp_path: Path) -> None:
    made = notebook("x = 1", metadata=COLAB, nbformat_minor=0)
    for cell in made["cells"]:
        del cell["id"], cell["outputs"], cell["execution_count"]
        cell["metadata"] = {"id": "abc", "colab": {"base_uri": "https://localhost:8080/"}}
    submission = opened(tmp_path / "work.ipynb", json.dumps(made).encode())
    assert run((submission.folder / submission.file).read_text())["x"] == 1


NO_NOTEBOOKS = {
    "a web page": (b"<!DOCTYPE html><html>", "it is a web page"),
    "a script": (b"import torch\nx = 1\n", "it is a Python script; call it .py"),
    "a PDF": (b"%PDF-1.7", "it is a PDF"),
    "nothing": (b"", "the file is empty"),
    "a merge": (b'{\n<<<<<<< HEAD\n"cells": []\n=======\n>>>>>>> b\n}', "a merge conflict"),
    "in R": (
        json.dumps(notebook("x <- 1", metadata={"kernelspec": {"language": "R"}})).encode(),
        "written in R; expected one in Python",
    ),
}


@pytest.mark.parametrize(("content", "says"), NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS)
def test_what_is_no_notebook_is_called_what_it_is(
    tmp_path: Path, content: bytes, says: str
) -> None:
    with pytest.raises(SubmissionRefused, match=says):
        opened(tmp_path / "work.ipynb", content)
