"""Finds which of a task's functions a file does not define; a program for a limited child.

It prints `broken LINE` where the file is no Python, else a line `missing i` for each function i
that nothing in it gives a name to. A file that takes names from elsewhere in ways that syntax does
not show (`import *`, `exec`, `globals()`) may define all of them: then nothing is printed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.doctor.rules.hostile_source import MOST_BYTES, limit_myself

UNSEEN = ("exec", "eval", "globals", "locals", "vars", "setattr", "__import__")


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield every name that something in a file is bound to; "*" where that can't be known."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name):
            is_bound = isinstance(node.ctx, ast.Store)
            if is_bound or node.id in UNSEEN:
                yield node.id if is_bound else "*"
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def parsed(path: str) -> ast.Module | int:
    """Return a file's syntax tree, or the line at which it is no Python; 0 where none is known."""
    try:
        with open(path, "rb") as file:
            return ast.parse(file.read(MOST_BYTES))
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError, OSError):
        return 0


def main(words: Sequence[str]) -> int:
    """Read one file and print what it lacks. words: the functions, "--", the file."""
    limit_myself()
    end = words.index("--")
    tree = parsed(words[end + 1])
    if isinstance(tree, int):
        print("broken", tree)
        return 0
    found = set(bound_names(tree))
    for number, name in enumerate(words[:end]):
        if name not in found and "*" not in found:
            print("missing", number)
    return 0
