"""A cell with what it needs of earlier cells: their imports, functions, classes and constants.

A cell that is graded alone would lack the `import numpy as np` at the top of its notebook. So the
names that it leaves open are looked up in the cells that ran before, the latest first, and the
statements that bind them go along. Loops, calls and plots don't: they are trials, and a submission
is better off without. Each statement stays on its line of its cell, so that a place in a message is
a place in the notebook: cell 7 is the one marked [7].
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.intake.opener.cells import Notebook

Binding = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
# What every module has without binding it.
GIVEN = {*dir(builtins), "__name__", "__file__", "__doc__", "get_ipython", "display"}
STAR = "*"


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a cell that binds names."""

    cell: int
    binds: frozenset[str]
    needs: frozenset[str]
    first: int  # its lines, from 1
    last: int


@dataclass(frozen=True)
class Gathered:
    """Cells by their numbers, from 1, and the names that were taken along from earlier ones."""

    cells: list[str]
    names: list[str]


def gather(cells: Sequence[str]) -> Gathered:
    """Return the last of some cells whole, and of those before only what it needs.

    cells: their sources as they were typed, magics and all; cell 1 is the first.
    """
    sources = [as_python(cell, number) for number, cell in enumerate(cells, start=1)]
    before = [each for number, source in enumerate(sources[:-1], 1) for each in of(source, number)]
    chosen: set[Statement] = set()
    names: list[str] = []
    wanted = sorted(open_names(sources[-1]))
    for name in wanted:
        found = binding(name, before)
        if found is None:
            continue
        names.append(name)
        if found not in chosen:
            chosen.add(found)
            wanted += sorted(found.needs - set(wanted))
    if len(names) < len(wanted):
        chosen |= {each for each in before if STAR in each.binds}
    kept = [lines_of(source, number, chosen) for number, source in enumerate(sources[:-1], 1)]
    return Gathered([*kept, cells[-1]], names)


def as_python(cell: str, number: int) -> str:
    """Return a cell as Python, line for line; its magics become comments."""
    return Notebook().python(cell, number)


def of(source: str, cell: int) -> Iterator[Statement]:
    """Yield the statements at the top of a cell that bind names."""
    for node in parsed(source):
        if not isinstance(node, Binding):
            continue
        text = ast.unparse(node)
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        binds = frozenset(bound_names(node))
        needs = frozenset(open_names(text))
        yield Statement(cell, binds, needs, first, node.end_lineno or node.lineno)


def parsed(source: str) -> list[ast.stmt]:
    """Return the statements of a source; none where it is no Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError):
        return []


def bound_names(node: Binding) -> Iterator[str]:
    """Yield the names that a statement binds; a star for all that a module has."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    else:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def open_names(source: str) -> set[str]:
    """Return the names that a source uses and doesn't bind at its top."""
    try:
        top = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError):
        return set()
    used: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                used.add(symbol.get_name())
    bound = {symbol.get_name() for symbol in top.get_symbols() if is_bound(symbol)}
    return used - bound - GIVEN


def is_bound(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def binding(name: str, statements: Sequence[Statement]) -> Statement | None:
    """Return the latest statement that binds a name; None if there is none."""
    for each in reversed(statements):
        if name in each.binds:
            return each
    return None


def lines_of(source: str, number: int, chosen: set[Statement]) -> str:
    """Return a cell with the lines of the chosen statements; all others are empty."""
    lines = source.split("\n")
    kept = [""] * len(lines)
    for each in chosen:
        if each.cell == number:
            kept[each.first - 1 : each.last] = lines[each.first - 1 : each.last]
    return "\n".join(kept).rstrip("\n")
