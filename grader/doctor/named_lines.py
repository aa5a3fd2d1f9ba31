"""The lines of the source that a diagnosis names, with two lines around them.

A store keeps a hash of what was handed in and not the source itself, so the few lines that a page
is to show are kept when they are named, while the source is still there. They are a learner's own
text: cleaned like any other, cut in both directions, and nothing is parsed for them. A class
decides whether its pages show them (`show_source` in course.toml).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from grader.intake.notebook_cells import read_cells
from grader.records import Diagnosis, NamedLines
from grader.text import page_line, page_lines

AROUND = 2  # lines before and after the one that is named
MOST_PLACES = 4
MOST_BYTES = 1 << 20  # of a file; the rules read no longer ones either
LINE_CHARACTERS = 160
IN_CELL = re.compile(r"(?P<notebook>.+), cell (?P<cell>[0-9]{1,7}), line (?P<line>[0-9]{1,7})")
IN_FILE = re.compile(r"(?P<file>.+):(?P<line>[0-9]{1,7})")


def named_lines(folder: Path, file: str, diagnoses: Iterable[Diagnosis]) -> list[NamedLines]:
    """Return the lines around each place that diagnoses name; a place that is gone is left out.

    folder, file: the submission, and the file of it that is run.
    """
    found: dict[str, NamedLines] = {}
    for diagnosis in diagnoses:
        if diagnosis.where and diagnosis.where not in found and len(found) < MOST_PLACES:
            lines = lines_at(folder, file, diagnosis.where)
            if lines is not None:
                found[diagnosis.where] = lines
    return list(found.values())


def lines_at(folder: Path, file: str, where: str) -> NamedLines | None:
    """Return the lines around one place as a diagnosis writes it; None where there are none."""
    cell = IN_CELL.fullmatch(where)
    if cell is not None:
        inside = lines_of_cell(folder / file, int(cell["cell"]))
        return around(where, inside, int(cell["line"]))
    place = IN_FILE.fullmatch(where)
    if place is None:
        return None
    return around(where, lines_of(folder, place["file"]), int(place["line"]))


def lines_of_cell(script: Path, cell: int) -> list[str]:
    """Return the lines of one cell, as they stand in the script that was made of a notebook."""
    starts = read_cells(script).starts
    if not 1 <= cell <= len(starts):
        return []
    lines = lines_of(script.parent, script.name)
    end = starts[cell] - 1 if cell < len(starts) else len(lines)
    return lines[starts[cell - 1] : end]


def lines_of(folder: Path, file: str) -> list[str]:
    """Return the lines of a submission's file; none if it is a link, too long or not there."""
    path = folder / file
    try:
        is_own = path.is_file() and path.resolve().is_relative_to(folder.resolve())
        if not is_own or path.is_symlink() or path.stat().st_size > MOST_BYTES:
            return []
        return path.read_text("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        return []


def around(where: str, lines: list[str], line: int) -> NamedLines | None:
    """Return a line, counted from 1, and those around it; None where there is no such line."""
    if not 1 <= line <= len(lines):
        return None
    first = max(1, line - AROUND)
    shown = [clean(each) for each in lines[first - 1 : line + AROUND]]
    while len(shown) > line - first + 1 and not shown[-1].strip():
        shown.pop()
    return NamedLines(where=page_line(where), line=line, first=first, lines=shown)


def clean(line: str) -> str:
    """Return a line of source as a page shows it, with its indentation."""
    return page_lines(line.expandtabs(4)).replace("\n", " ").rstrip()[:LINE_CHARACTERS]
