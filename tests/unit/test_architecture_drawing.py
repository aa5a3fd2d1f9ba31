"""The drawing in docs/build/architecture.md shows the floors that test_architecture.py holds.

The first Mermaid block of that page has a `subgraph` for each floor, from the top, and a node for
each room, labelled with its path. That the imports keep to the floors is the other test's promise;
here the drawing must not promise anything else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.paths import ROOT

TABLE = ROOT / "tests" / "unit" / "test_architecture.py"
PAGE = ROOT / "docs" / "build" / "architecture.md"
DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLOOR = re.compile(r'^subgraph \w+\["(?P<name>\w+)"\]$')
ROOM = re.compile(r'^(?P<name>\w+)\["grader/(?P=name)"\]$')
STACK = re.compile(r"^  (F\d.*)$", re.MULTILINE)
NAMED = re.compile(r"`([a-z_][\w/-]*(?:\.(?:py|toml|md)|/))`")  # a file or a folder, in code
MADE_UP = {"count.py", "wine.py", "solution.py", "results/"}  # of examples, or made by a run
BUILD_PAGES = sorted(PAGE.parent.glob("*.md"))


def floors_of_the_imports() -> list[tuple[str, set[str]]]:
    """Return the table FLOORS, read and not imported: no test imports another."""
    for node in ast.parse(TABLE.read_text("utf-8")).body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if [each.id for each in targets if isinstance(each, ast.Name)] == ["FLOORS"]:
            assert isinstance(node, ast.AnnAssign | ast.Assign)
            assert node.value is not None
            return [(name, set(rooms)) for name, rooms in ast.literal_eval(node.value)]
    raise AssertionError(f"{TABLE} has no table FLOORS")


def drawn_floors() -> list[tuple[str, set[str]]]:
    """Return the floors of the drawing from the top, each with its rooms."""
    diagram = DIAGRAM.search(PAGE.read_text("utf-8"))
    assert diagram, f"{PAGE} has no mermaid block"
    floors: list[tuple[str, set[str]]] = []
    for line in map(str.strip, diagram[1].splitlines()):
        floor = FLOOR.match(line)
        room = ROOM.match(line)
        if floor:
            floors.append((floor["name"], set()))
        elif room:
            floors[-1][1].add(room["name"])
    return floors


def test_the_drawing_has_the_floors_of_the_imports() -> None:
    assert drawn_floors() == floors_of_the_imports()


def test_the_floors_are_stacked_in_their_order() -> None:
    diagram = DIAGRAM.search(PAGE.read_text("utf-8"))
    assert diagram is not None
    names = re.findall(r"subgraph (\w+)\[", diagram[1])
    assert STACK.findall(diagram[1]) == [" --> ".join(names)]


@pytest.mark.parametrize("page", BUILD_PAGES, ids=lambda page: page.name)
def test_files_that_the_pages_name_exist(page: Path) -> None:
    there = {path.relative_to(ROOT).as_posix() for path in tracked_paths()}
    named = set(NAMED.findall(page.read_text("utf-8")))
    missing = []
    for name in named - MADE_UP:
        wanted = name.rstrip("/")
        if not any(path == wanted or path.endswith(f"/{wanted}") for path in there):
            missing.append(name)
    assert not missing


def tracked_paths() -> Iterator[Path]:
    """Return the files and folders that people write, without what builds and tests leave."""
    for folder in ("grader", "reports", "tests", "benchmarks", "docs", "tasks", "reference"):
        yield ROOT / folder
        for path in (ROOT / folder).rglob("*"):
            if "__pycache__" not in path.parts:
                yield path
    yield from ROOT.glob("*.*")
