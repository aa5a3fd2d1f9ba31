"""Where a line of the script made of a notebook stands in it: the number of the code cell, and the
line in that.

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
# how the name of a made script ends: the notebook's own, without its suffix, stands before it
MADE = "_notebook.py"


@dataclass(frozen=True)
class Cells:
    """The cells of one made script."""

    made: str  # name of the script
    starts: tuple[int, ...]  # lines of the script, from 1, that stand above the cells, in order

    @property
    def notebook(self) -> str:
        return f"{self.made.removesuffix(MADE)}.ipynb"

    def place(self, line: int) -> str:
        """Return a place by its line in the script, "work.ipynb, cell 3, line 2"; empty if no cell
        is there.
        """
        cell = bisect.bisect_left(self.starts, line)
        return f"{self.notebook}, cell {cell}, line {line - self.starts[cell - 1]}" if cell else ""

    def named(self, text: str) -> str:
        """Return a text with what exceptions and warnings say of the script, name and line, told as
        of the notebook.
        """

        def told(found: re.Match[str]) -> str:
            quote, line = found[1] or "", found[2]
            if line is None:
                return self.notebook
            where = self.place(int(line))
            return where.replace(self.notebook, self.notebook + quote, 1) if where else found[0]

        if not self.starts:
            return text
        return re.sub(
            rf'(?<![\w.-]){re.escape(self.made)}(?:("?)(?:, line |:)(\d{{1,7}})\b)?', told, text
        )


def read_cells(script: Path) -> Cells:
    """Return the cells of a made script; none if it is a script of another kind, or cannot be
    read.
    """
    starts: list[int] = []
    try:
        lines = (
            script.read_text("utf-8", "replace").split("\n") if script.name.endswith(MADE) else []
        )
    except OSError:
        lines = []
    line = 1
    while line <= len(lines):
        above = ABOVE.fullmatch(lines[line - 1])
        if above is None:
            break
        starts.append(line)
        line += int(above[2]) + 2  # the cell's lines, and an empty one
    return Cells(script.name, tuple(starts))
