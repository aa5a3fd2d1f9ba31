"""Finds places in a submission's source that go with a mistake; a program for a limited child.

It prints a line for each rule that has a place, `rule<TAB>number of the file<TAB>line`, and `whole`
at the end if every file was Python. Rules look at syntax alone: often right, sometimes wrong. So a
place never names a mistake by itself, see `grader.doctor.diagnose`.

Rules are found in the modules of this folder: whatever a module declares with `@rule` is asked.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator

from grader.doctor import rules
from grader.doctor.rules.hostile_source import limit_myself, parse_file
from grader.doctor.rules.rule import DECLARED, Rule
from grader.doctor.rules.syntax import Code


def declared() -> dict[str, Rule]:
    """Import every module of this folder, and return the rules by name."""
    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")
    return dict(sorted(DECLARED.items()))


RULES: dict[str, Rule] = declared()


def places(code: Code) -> Iterator[tuple[str, ast.AST]]:
    """Yield (name of the rule, node) for every place found."""
    for rule in RULES.values():
        for node in rule.find(code):
            yield rule.name, node


def main(paths: list[str]) -> int:
    """Read the files, print what was found, and return the exit code."""
    limit_myself()
    parsed = [parse_file(path) for path in paths]
    code = Code([tree or ast.Module([], []) for tree in parsed])
    shown: set[str] = set()
    for name, node in places(code):
        if name not in shown:
            shown.add(name)
            print(f"{name}\t{code.file_of(node)}\t{getattr(node, 'lineno', 1)}")
    if None not in parsed:
        print("whole")
    return 0
