"""Finds which of a task's functions call each other; a program for a limited child.

It prints a line `i j` where function i calls function j, itself or through helpers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from grader.doctor.rules.hostile_source import limit_myself, parse_file


def uses(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """Return function -> the names it mentions, for every function: inner ones and lambdas too."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            for name in defined_by(node):
                found.setdefault(name, set()).update(mentioned(node))
    return found


def defined_by(node: ast.AST) -> list[str]:
    """Return the names under which a node defines a function."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def mentioned(node: ast.AST) -> set[str]:
    """Return the names that are read in a node; of `a.b` both."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            names.add(each.id)
        elif isinstance(each, ast.Attribute):
            names.add(each.attr)
    return names


def reached(start: str, found: Mapping[str, set[str]]) -> set[str]:
    """Return what a function uses, by itself or through other functions of the files."""
    seen: set[str] = set()
    left = [start]
    while left:
        for name in found.get(left.pop(), set()) - seen:
            seen.add(name)
            left.append(name)
    return seen


def main(words: Sequence[str]) -> int:
    """Read files and print who calls whom. words: the functions, "--", the files."""
    limit_myself()
    end = words.index("--")
    names = words[:end]
    parsed = [parse_file(path) for path in words[end + 1 :]]
    found = uses(tree for tree in parsed if tree is not None)
    for i, name in enumerate(names):
        called = reached(name, found)
        for j, other in enumerate(names):
            if i != j and other in called:
                print(i, j)
    return 0
