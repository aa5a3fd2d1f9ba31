"""Stands in for IPython's shell, which notebooks and their exports call: magics around code run it.

An export writes `%time f()` as `get_ipython().run_line_magic('time', 'f()')`, and a cell below
`%%time` as `run_cell_magic('time', '', CODE)`: what is in there is part of the program. Everything
else that is asked of a shell does nothing. Both names are there in every module, as in a notebook.
"""

from __future__ import annotations

import ast
import builtins
import re
import runpy
import sys
from collections.abc import Callable
from typing import Any

AROUND_CODE = {"capture", "heat", "memit", "notify", "prun", "time", "timeit", "wandb"}
OPTIONS = re.compile(r"^(?:\s*-\w+(?:\s+\d+)?)+\s+|^\s+")


class Shell:
    """What `get_ipython()` gives."""

    def run_cell_magic(self, magic: str, line: str, cell: str) -> None:
        """Run what a cell magic stands around, or write the file that it names."""
        names = sys._getframe(1).f_globals
        if magic in ("writefile", "file"):
            mode = "a" if line.startswith("-a ") else "w"
            with open(line.removeprefix("-a ").strip(), mode, encoding="utf-8") as file:
                file.write(cell)
        elif magic in AROUND_CODE:
            exec(compile(cell, f"<{magic}>", "exec"), names)
            if magic == "capture" and line.strip().isidentifier():
                names[line.strip()] = Captured()

    def run_line_magic(self, magic: str, line: str = "", *_: Any, **__: Any) -> Any:
        """Run the statement that a line magic stands around; every other one does nothing."""
        names = sys._getframe(1).f_globals
        statement = OPTIONS.sub("", line)
        if magic in AROUND_CODE and statement.strip():
            exec(compile(statement, f"<{magic}>", "exec"), names)
        elif magic == "run" and statement.split(" ")[0].endswith(".py"):
            names.update(runpy.run_path(statement.split(" ")[0], run_name="__main__"))

    def magic(self, line: str) -> Any:
        """Run a line magic as older exports wrote it: `magic('time f()')`."""
        name, _, rest = line.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def getoutput(self, *_: Any, **__: Any) -> list[str]:
        return []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class Captured:
    """What `%%capture NAME` leaves: nothing was captured."""

    stdout = ""
    stderr = ""
    outputs: tuple[Any, ...] = ()

    def show(self) -> None:
        return None


def install() -> None:
    """Give every module `get_ipython` and `display`; called before any learner's code."""
    builtins.get_ipython = Shell  # type: ignore[attr-defined]
    builtins.display = display  # type: ignore[attr-defined]


def display(*values: Any, **_: Any) -> None:
    """Print what a notebook would show, as far as it can be printed."""
    for value in values:
        if isinstance(value, str | int | float):
            print(value)


def unfolded(tree: ast.Module) -> ast.Module:
    """Return a file's syntax tree with the code inside its cell magics in their places."""
    body: list[ast.stmt] = []
    for node in tree.body:
        body += inside(node) or [node]
    return ast.Module(body, type_ignores=[])


def inside(node: ast.stmt) -> list[ast.stmt]:
    """Return the statements that a call of `run_cell_magic` stands around; none for others."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return []
    called = node.value.func
    words = [each.value for each in node.value.args if isinstance(each, ast.Constant)]
    is_magic = isinstance(called, ast.Attribute) and called.attr == "run_cell_magic"
    if not is_magic or len(words) != 3 or words[0] not in AROUND_CODE:
        return []
    try:
        return ast.parse(str(words[2])).body
    except (SyntaxError, ValueError):
        return []
