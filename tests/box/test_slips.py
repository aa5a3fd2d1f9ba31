"""Beginners' slips are told by what is behind them: encodings and files of another kind, forward in
the wrong place, modules that are gone, names of one's own that hide a library's, magics in exports.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.runner import imports, problem, script, shell, slips, source_text
from grader.runner.entry import load
from grader.runner.frames import Trouble
from grader.runner.problem import Problem

# Text.

UNREADABLE = {
    "Latin-1": ("x = 1\n# \u00e9t\u00e9\n".encode("latin-1"), "line 2 has the byte 0xe9"),
    "UTF-16": ("x = 1\n".encode("utf-16"), "is saved as UTF-16"),
    "UTF-32": ("x = 1\n".encode("utf-32"), "is saved as UTF-32"),
    "UTF-16 without a mark": ("x = 1\ny = 2\n".encode("utf-16-le"), "NUL byte in line 1"),
    "a Word document": (b"PK\x03\x04\x14\x00word/document.xml", "is a Word document"),
    "a PDF": (b"%PDF-1.7\n", "is a PDF"),
    "a web page": (b"\n<!DOCTYPE html>\n<html>", "is a web page"),
    "formatted": (b"{\\rtf1\\ansi import torch}", "is a text with formatting"),
    "an unknown cookie": (b"# -*- coding: klingon -*-\n", "unknown encoding: klingon"),
}


@pytest.mark.parametrize(("content", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_python_cannot_read_is_called_what_it_is(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "work.py"
    path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        source_text.read_source(path)
    assert caught.value.trouble is Trouble.NOT_IMPORTABLE
    assert caught.value.text.startswith("work.py ")
    assert says in caught.value.text
    assert "line None" not in caught.value.text


READABLE = {
    "UTF-8": "x = '\u00e9'".encode(),
    "with a mark": "x = '\u00e9'".encode("utf-8-sig"),
    "a cookie": "# -*- coding: latin-1 -*-\nx = '\u00e9'".encode("latin-1"),
    "lines of Windows": "\r\nx = '\u00e9'\r\n".encode(),
    "lines of old Macs": "y = 1\rx = '\u00e9'\r".encode(),
}


@pytest.mark.parametrize("content", READABLE.values(), ids=READABLE)
def test_what_python_reads_is_read_alike(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "work.py"
    path.write_bytes(content)
    names: dict[str, Any] = {}
    source_text.run(source_text.read_source(path), path, names)
    assert names["x"] == "\u00e9"


def test_await_may_stand_at_the_top(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    source_text.run("import asyncio\nx = await asyncio.sleep(0, 7)", tmp_path / "a.py", names)
    assert names["x"] == 7


# Importing.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A submission's folder, and everything as it was before once it is over."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(imports, "FOLDER", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "solution", raising=False)
    yield tmp_path
    sys.modules.pop("solution", None)


def loaded(folder: Path, text: str) -> ModuleType:
    (folder / "solution.py").write_text(text)
    return load({"folder": str(folder), "file": "solution.py", "way": "functions"}).module


@pytest.mark.parametrize("end", ["exit()", "import sys\nsys.exit(0)", "raise SystemExit"])
def test_an_exit_at_the_end_ends_the_import(folder: Path, end: str) -> None:
    assert loaded(folder, f"def mean(x):\n    return 1\n\n{end}\n").mean(0) == 1


def test_an_exit_with_a_number_is_an_error(folder: Path) -> None:
    with pytest.raises(SystemExit):
        loaded(folder, "import sys\nsys.exit(3)\n")


def told(folder: Path, text: str) -> tuple[Trouble, str]:
    """Return what is said of the error that code ends with."""
    try:
        loaded(folder, text)
    except Problem as found:
        return found.trouble, found.text
    except Exception as error:
        return problem.explain(error)
    pytest.fail("it raised nothing")


NET = """
from torch import nn, zeros
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)
{body}
Net()(zeros(1, 2))
"""
FORWARDS = {
    "misspelt": ("    def foward(self, x):\n        return self.layer(x)", "rename it"),
    "inside another": ("        def forward(self, x):\n            return x", "to the left"),
    "missing": ("", "define forward(self, x) in the class Net"),
}


@pytest.mark.parametrize(("body", "says"), FORWARDS.values(), ids=FORWARDS)
def test_a_network_that_cannot_be_called_is_told_why(folder: Path, body: str, says: str) -> None:
    trouble, text = told(folder, NET.format(body=body))
    assert trouble is Trouble.RAISED
    assert says in text


def test_a_list_of_layers_that_is_called_is_named(folder: Path) -> None:
    code = "from torch import nn, zeros\nnn.ModuleList([nn.Linear(2, 1)])(zeros(1, 2))\n"
    trouble, text = told(folder, code)
    assert trouble is Trouble.RAISED
    assert "use nn.Sequential" in text


def test_only_the_learners_own_word_says_not_attempted(folder: Path) -> None:
    assert told(folder, "raise NotImplementedError\n")[0] is Trouble.NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("email.mime.moved", "email is here, and has no email.mime.moved; look up"),
        ("torch._six", "Today one writes: plain str and int"),
        ("torch.of_before", "torch is here in version"),
    ],
)
def test_a_module_that_is_gone_from_an_installed_library_is_told_apart(
    folder: Path, module: str, says: str
) -> None:
    import torch  # noqa: F401  # its version is told once it is imported

    trouble, text = told(folder, f"import {module}\n")
    assert trouble is Trouble.NOT_IMPORTABLE
    assert says in text
    assert "pip install" not in text


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("keras.layers.core", "from keras.layers import Dense"),
        ("keras.utils.np_utils", "to_categorical"),
        ("tensorflow.keras.layers.experimental.preprocessing", "from keras import layers"),
        ("tensorflow.examples.tutorials.mnist", "load_data()"),
    ],
)
def test_what_keras_and_tensorflow_dropped_has_its_new_form(
    monkeypatch: pytest.MonkeyPatch, name: str, new: str
) -> None:
    monkeypatch.setitem(sys.modules, name.partition(".")[0], ModuleType("installed"))
    assert new in slips.gone(name)


def test_a_library_that_only_has_a_stand_in_is_not_called_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    imports.install()
    imports.stand_in("library_in_part", lambda module: None)
    imports.stand_in("torchtext", lambda module: None)
    monkeypatch.delitem(sys.modules, "torchtext", raising=False)
    try:
        for name in ("library_in_part", "torchtext"):
            importlib.import_module(name)
        assert slips.gone("library_in_part.model") == ""
        error = ModuleNotFoundError("", name="library_in_part.model")
        assert problem.explain(error)[1].startswith(
            "No module named 'library_in_part.model': this box has numpy"
        )
        assert slips.gone("torchtext.legacy.vocab") == (
            "this box has some of torchtext, and no torchtext.legacy.vocab: it was dropped. "
            "Today one writes: load_dataset, or read the texts by yourself"
        )
    finally:
        imports.STAND_INS.clear()
        sys.modules.pop("library_in_part", None)
        sys.modules.pop("torchtext", None)


def test_a_package_that_nobody_has_is_not_called_gone() -> None:
    assert slips.gone("package_of_nobody.part") == ""
    assert slips.gone("package_of_nobody") == ""


def test_a_file_with_the_name_of_a_library_is_told(folder: Path) -> None:
    (folder / "statistics.py").write_text("def spread(x):\n    return x\n")
    says = "found before your statistics.py"
    assert says in told(folder, "from statistics import spread\n")[1]
    assert says in told(folder, "import statistics\nstatistics.spread(1)\n")[1]


def test_a_place_is_told_after_the_folder_was_changed(folder: Path) -> None:
    (folder / "deeper").mkdir()
    text = told(folder, "import os\nos.chdir('deeper')\n1 / 0\n")[1]
    assert "(solution.py, line 3: 1 / 0)" in text


def test_a_train_with_other_parameters_is_told_where_no_model_is_left() -> None:
    def train(model: Any, loader: Any) -> None:
        return None

    assert "train(model, loader) and does not call it" in slips.about_train({"train": train})
    assert slips.about_train({}) == slips.about_train({"train": 3}) == ""


# Magics in exports.

INSIDE = "def train(data):\n    return 1\n"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("!pip install x \\\n  y\na = 1\nif a:\n    %time\n", "a = 1"),
        ("# Colab\n%matplotlib inline\nx = (7\n  % 4)\n", "  % 4)"),
        ("x = 7\nx = x \\\n % 4\n", "x = x"),
    ],
)
def test_lines_for_a_shell_are_left_out_of_an_exported_script(text: str, left: str) -> None:
    made = source_text.without_commands(text)
    ast.parse(made)
    assert left in made
    assert made.count("\n") == text.count("\n"), "places in messages stay"


def test_what_does_not_become_python_stays_as_it_was_written() -> None:
    assert source_text.without_commands("!ls\nx = = 1\n") == "!ls\nx = = 1\n"


EXPORTED = f"get_ipython().run_cell_magic('time', '', {INSIDE!r})\n"


@pytest.fixture
def notebook_names() -> Iterator[None]:
    import builtins

    shell.install()
    yield
    del builtins.get_ipython  # type: ignore[attr-defined]
    del builtins.display  # type: ignore[attr-defined]


@pytest.mark.usefixtures("notebook_names")
def test_code_inside_a_magic_of_an_export_is_run(tmp_path: Path) -> None:
    code = (
        "get_ipython().run_cell_magic('capture', 'out', 'x = 1')\n"
        "out.show()\n"
        "get_ipython().run_line_magic('time', 'y = x + 1')\n"
        "get_ipython().run_line_magic('timeit', '-n 1 -r 1 z = 3')\n"
        "get_ipython().run_line_magic('matplotlib', 'inline')\n"
        "get_ipython().magic('matplotlib inline')\n"
        "get_ipython().system('ls')\n"
        "files = get_ipython().getoutput('ls')\n"
        "get_ipython().run_cell_magic('bash', '', 'exit 1')\n"
        "display('shown', object())\n"
    )
    names: dict[str, Any] = {}
    exec(compile(code, "work", "exec"), names)
    assert (names["x"], names["y"], names["z"], names["files"]) == (1, 2, 3, [])


@pytest.mark.usefixtures("notebook_names")
def test_a_cell_of_an_export_that_is_a_file_is_written(folder: Path) -> None:
    exec("get_ipython().run_cell_magic('writefile', 'part.py', 'width = 3\\n')", {})
    assert (folder / "part.py").read_text() == "width = 3\n"


def test_a_train_inside_a_magic_makes_no_script_of_a_file() -> None:
    assert not script.is_script(EXPORTED)
    assert script.is_script("get_ipython().run_cell_magic('time', '', 'x = 1')\n")
    assert len(shell.unfolded(ast.parse(EXPORTED + "x = 1\n")).body) == 2
