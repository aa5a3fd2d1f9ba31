"""Beside the learner's cells: runs them, and answers what the tests ask for.

A cell that raises an exception is noted in the log, and the next one runs, as in Jupyter. Nothing
here is trusted: the cells share this process and may change any of it. All it can do is to give
values.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import random
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .plain_values import Kept, NotPlain, Tree, packed, unpacked

ABOVE = re.compile(r"# --- cell (\d{1,7}), (\d{1,7}) lines? ---")
FUTURE = "from __future__ import "
MOST_ITEMS = 1000  # of a loop, in one answer
MOST_TEXT = 1000
SEEDERS: dict[str, Callable[..., None]] = {"numpy": np.random.seed, "random": random.seed}
Answer = tuple[str, np.ndarray]


class Respondent:
    """The namespace that the cells left behind, and the objects of it that were named."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.module = ModuleType("__main__")
        self.module.__file__ = str(path)
        self.kept: list[Any] = []

    def run_cells(self) -> None:
        """Run every cell; an exception ends only its own."""
        sys.modules["__main__"] = self.module
        for number, source in enumerate(cells_of(self.path), start=1):
            try:
                exec(compile(source, str(self.path), "exec", dont_inherit=True), vars(self.module))
            except BaseException as error:
                print(f"cell {number}: {described(error, self.path)}", file=sys.stderr)

    def ask(self, request: str, block: np.ndarray) -> Answer:
        """Answer one question with a value, or with what it raised."""
        try:
            what, *rest = unpacked(request, block, self.take)
            return self.value(ASKED[what](self, *rest))
        except NameIsMissing:
            return packed(("missing",), self.keep)
        except NotPlain as error:
            return packed(("refused", str(error)), self.keep)
        except BaseException as error:
            kind = type(error).__name__
            return packed(("raised", kind, described(error, self.path)[:MOST_TEXT]), self.keep)

    def value(self, value: Any) -> Answer:
        """Return a value as an answer; what is too large or too deep stays here under a name.

        It is there, after all: its length, its items and its attributes can be asked for.
        """
        count = len(self.kept)
        try:
            return packed(("value", value), self.keep)
        except NotPlain:
            del self.kept[count:]
            return packed(("value", Staying(value)), self.keep)

    def keep(self, value: Any) -> Tree:
        if type(value) is Staying:
            value = value.value
        self.kept.append(value)
        return ["o", len(self.kept) - 1, type(value).__name__[:80], callable(value)]

    def can_send(self, value: Any) -> bool:
        """Whether a value can be copied, or what is in it named."""
        count = len(self.kept)
        try:
            packed(("value", (value, None)), self.keep)
        except NotPlain:
            return False
        finally:
            del self.kept[count:]
        return True

    def take(self, named: Kept | str) -> Any:
        if isinstance(named, str):
            module, _, name = named.partition(":")
            return getattr(importlib.import_module(module), name)
        return self.kept[named.number]


class Staying:
    """A value that is not to be copied although it could be."""

    stays_where_it_is = True

    def __init__(self, value: Any) -> None:
        self.value = value


class NameIsMissing(Exception):
    """The notebook has nothing under this name."""


def get_name(self: Respondent, name: str) -> Any:
    try:
        return vars(self.module)[name]
    except KeyError:
        raise NameIsMissing from None


def call(self: Respondent, what: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return what(*arguments, **named)


def some_items(self: Respondent, owner: Any) -> tuple[list[Any], Any]:
    """Return the first items of a loop, and what has the others; None if there are none."""
    rest = iter(owner)
    some = list(itertools.islice(rest, MOST_ITEMS))
    is_all = len(some) < MOST_ITEMS
    while not self.can_send(some):
        if len(some) == 1:
            some = [Staying(some[0])]
            break
        half = len(some) // 2
        rest = itertools.chain(some[half:], rest)
        some = some[:half]
        is_all = False
    return some, None if is_all else Staying(rest)


def set_item(self: Respondent, owner: Any, key: Any, value: Any) -> None:
    owner[key] = value


def plant_seed(
    self: Respondent, library: str, values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    """Seed a generator as the tests seed theirs."""
    if library in SEEDERS:
        SEEDERS[library](*values, **named)
    elif "torch" in sys.modules:
        sys.modules["torch"].manual_seed(*values, **named)


ASKED: dict[str, Callable[..., Any]] = {
    "name": get_name,
    "call": call,
    "attribute": lambda self, owner, name: getattr(owner, name),
    "set attribute": lambda self, owner, name, value: setattr(owner, name, value),
    "item": lambda self, owner, key: owner[key],
    "set item": set_item,
    "length": lambda self, owner: len(owner),
    "list": some_items,
    "seed": plant_seed,
}


def cells_of(path: Path) -> list[ast.Module]:
    """Return the cells of the script that was made of a notebook, each at its own lines.

    A script of another kind is one cell; so is a cell that is no Python, which then says so.
    """
    lines = path.read_text("utf-8").split("\n")
    cells: list[ast.Module] = []
    line = 1 if lines and lines[0].startswith(FUTURE) else 0
    future = lines[0] if line else ""
    while line < len(lines):
        above = ABOVE.fullmatch(lines[line])
        if above is None:
            break
        after = line + 1 + int(above[2])
        cells.append(parsed(lines, line + 1, after, future, path))
        line = after + 1
    return cells or [parsed(lines, 0, len(lines), "", path)]


def parsed(lines: list[str], start: int, stop: int, future: str, path: Path) -> ast.Module:
    source = "\n" * start + "\n".join(lines[start:stop])
    try:
        tree = ast.parse(source, str(path))
        head = ast.parse(future).body
    except SyntaxError as error:
        said = f"SyntaxError: {error.msg} (line {error.lineno})"
        return ast.parse(f"raise SyntaxError({said!r})")
    tree.body = [*head, *tree.body]
    return tree


def described(error: BaseException, path: Path) -> str:
    """Return the kind of an exception, its message and its line in the notebook."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == str(path):
            where = f" ({path.name}, line {frame.lineno}: {frame.line})"
    return f"{type(error).__name__}: {error}{where}"


def begin(path: Path) -> Callable[[str, np.ndarray], Answer]:
    """Run the cells of a script; returns what answers questions about them."""
    respondent = Respondent(path)
    respondent.run_cells()
    return respondent.ask
