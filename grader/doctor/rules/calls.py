"""Which of a task's functions calls which, as the source shows: a program that `source` runs in its
limited child.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from grader.doctor.rules.finder import MOST_BYTES, limit_myself


def uses(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """Return function -> the names that stand in it, for every function of the files, inner ones
    and lambdas too.
    """
    found: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [node.name]
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            for name in names:
                found.setdefault(name, set()).update(mentioned(node))
    return found


def mentioned(node: ast.AST) -> set[str]:
    """Return the names that are read in a node, `b` of `a.b` among them."""
    inside = list(ast.walk(node))
    plain = {
        each.id for each in inside if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
    return plain | {each.attr for each in inside if isinstance(each, ast.Attribute)}


def reached(start: str, found: Mapping[str, set[str]]) -> set[str]:
    """Return what a function uses, by itself or through others of the files."""
    seen: set[str] = set()
    left = [start]
    while left:
        for name in found.get(left.pop(), set()) - seen:
            seen.add(name)
            left.append(name)
    return seen


def main(words: Sequence[str]) -> int:
    """Read files and print a line `i j` where function i calls function j. words: the functions,
    "--", the files.
    """
    limit_myself()
    end = words.index("--")
    names, trees = words[:end], []
    for path in words[end + 1 :]:
        try:
            with open(path, "rb") as file:
                trees.append(ast.parse(file.read(MOST_BYTES)))
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
            continue
    found = uses(trees)
    for i, one in enumerate(names):
        called = reached(one, found)
        for j, other in enumerate(names):
            if i != j and other in called:
                print(i, j)
    return 0
