"""Where a line of the script made of a notebook stands in the notebook: code cell and line.

The limited child that opens a notebook writes a line above each cell, which says how many lines
follow. These are read one after the other from the first on, so that a cell which holds such a line
itself changes nothing.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from pathlib import Path

ABOVE = re.compile(r"# --- cell (\d{1,7}), (\d{1,7}) lines? ---")
# How the name of a made script ends: the notebook's own, without its suffix, stands before it.
MADE_SUFFIX = "_notebook.py"
# What a script may begin with that is in no cell: features of Python for all of them.
FUTURE = "from __future__ import "


@dataclass(frozen=True)
class Cells:
    """The cells of one made script."""

    made: str  # name of the script
    starts: tuple[int, ...]  # lines of the script, from 1, that stand above the cells, in order

    @property
    def notebook(self) -> str:
        """The notebook's file name."""
        return f"{self.made.removesuffix(MADE_SUFFIX)}.ipynb"

    def place(self, line: int) -> str:
        """Return a place by its line in the script, as "work.ipynb, cell 3, line 2".

        Empty if no cell is there.
        """
        cell = bisect.bisect_left(self.starts, line)
        if cell == 0:
            return ""
        return f"{self.notebook}, cell {cell}, line {line - self.starts[cell - 1]}"

    def named(self, text: str) -> str:
        """Return a text in which places of the script are places of the notebook.

        Python names them in tracebacks (`File "work_notebook.py", line 9`) and in warnings
        (`work_notebook.py:9`).
        """
        if not self.starts:
            return text
        place = rf'(?<![\w.-]){re.escape(self.made)}(?:("?)(?:, line |:)(\d{{1,7}})\b)?'
        return re.sub(place, self._renamed, text)

    def _renamed(self, found: re.Match[str]) -> str:
        """Return what stands in the notebook for one place of the script."""
        line = found[2]
        if line is None:
            return self.notebook
        place = self.place(int(line))
        if not place:
            return found[0]
        quote = found[1] or ""
        return place.replace(self.notebook, self.notebook + quote, 1)


def read_cells(script: Path) -> Cells:
    """Return the cells of a made script; none if it is another script or cannot be read."""
    lines = read_lines(script) if script.name.endswith(MADE_SUFFIX) else []
    starts: list[int] = []
    line = 2 if lines and lines[0].startswith(FUTURE) else 1
    while line <= len(lines):
        above = ABOVE.fullmatch(lines[line - 1])
        if above is None:
            break
        starts.append(line)
        line += int(above[2]) + 2  # the cell's lines, and an empty one
    return Cells(script.name, tuple(starts))


def read_lines(script: Path) -> list[str]:
    """Return the lines of a file; none if it cannot be read."""
    try:
        return script.read_text("utf-8", "replace").split("\n")
    except OSError:
        return []
