"""Names inside a script's functions, kept for after it has ended.

Many scripts do everything in `main()`, and its variables are gone when it returns. Networks of
PyTorch and Keras are found all the same, by what their optimizers hold; parameters of JAX or NumPy,
estimators and objects of a script's own are not. So the functions that a script's top level names
are changed in their syntax tree, before it runs: each hands its variables over when it ends, also
when it ends with an exception. Lines keep their numbers. Only functions that contain a loop or call
others of the script are changed, and large arrays are not kept: memory is measured.
"""

from __future__ import annotations

import ast
from types import TracebackType
from typing import Any

KEEPER = "__runner_keep__"
MOST_BYTES = 1 << 22  # of an array that is kept
Names = dict[str, Any]


class Kept:
    """What the functions of a script left, the newest last."""

    def __init__(self) -> None:
        self.by_function: dict[str, Names] = {}

    def __call__(self, function: str, names: Names) -> None:
        self.by_function.pop(function, None)
        small = {name: value for name, value in names.items() if not is_large(value)}
        self.by_function[function] = small

    def names(self) -> Names:
        """Return all names in one, those of the function that ended last before others."""
        merged: Names = {}
        for names in self.by_function.values():
            merged |= names
        return merged


def is_large(value: Any) -> bool:
    """Whether a value is an array of many bytes."""
    try:
        return int(getattr(value, "nbytes", 0)) > MOST_BYTES
    except Exception:  # whatever a learner's object answers
        return True


def keeping(tree: ast.Module) -> ast.Module:
    """Change a script's tree so that its functions call KEEPER with their names in the end."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name in named_at_top_level(tree):
        function = functions.get(name)
        if function is not None and does_work(function, set(functions)):
            hand_over(function)
    return ast.fix_missing_locations(tree)


def named_at_top_level(tree: ast.Module) -> list[str]:
    """Return the names that a script's own lines use, functions and classes left out."""
    found: list[str] = []
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        found += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(found))


def does_work(function: ast.FunctionDef, others: set[str]) -> bool:
    """Whether a function has a loop, or calls another function of the script or a `fit`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.For | ast.While):
            return True
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in others:
                return True
            if isinstance(called, ast.Attribute) and called.attr == "fit":
                return True
    return False


def hand_over(function: ast.FunctionDef) -> None:
    """Put the body into a `try` whose `finally` hands the names over."""
    call = ast.parse(f"{KEEPER}({function.name!r}, locals())").body[0]
    last = function.body[-1]
    for node in ast.walk(call):
        node.lineno = node.end_lineno = last.end_lineno or last.lineno  # type: ignore[attr-defined]
        node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
    whole = ast.Try(body=function.body, handlers=[], orelse=[], finalbody=[call])
    function.body = [ast.copy_location(whole, function.body[0])]


def names_in(trace: TracebackType | None, folder: str) -> Names:
    """Return the names in the submission's functions that an exception passed, innermost first."""
    merged: Names = {}
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_filename.startswith(folder):
            merged |= frame.f_locals
        trace = trace.tb_next
    return merged
