"""Tables without lines that fit the width of the terminal.

What does not fit is first narrowed, where a column's texts may go on below themselves, then left
out, the least important column first. No cell is ever cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.terminal.figures import drawable

GAP = 2
LONGEST_WORD = 16  # that is kept whole in such a column


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    heading: str
    is_number: bool = False  # aligned to the right
    folds: bool = False  # its texts may go on below themselves
    drop: int = 0  # 0: always there; of the others the greatest is left out first


def columns(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table: every column is there, and every one but the first may fold."""
    every = [Column(heading, folds=number > 0) for number, heading in enumerate(headings)]
    print_table(console, every, rows)


def print_table(
    console: Console,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | Text]],
    margin: int = 0,
) -> None:
    """Print a table in the width that is left beside the margin."""
    cells = [[as_text(console, cell) for cell in row] for row in rows]
    width = console.width - margin
    natural = [widest(column, [row[i] for row in cells]) for i, column in enumerate(columns)]
    narrow = [least(column, [row[i] for row in cells]) for i, column in enumerate(columns)]
    filled = [i for i in range(len(columns)) if any(row[i].plain for row in cells)]
    shown = columns_that_fit(columns, narrow, filled, width)
    widths = narrowed(columns, natural, narrow, shown, width)
    table = Table(box=None, pad_edge=False, padding=0, show_header=has_heading(columns, shown))
    for i in shown:
        side: Literal["left", "right"] = "right" if columns[i].is_number else "left"
        table.add_column(
            columns[i].heading, justify=side, width=widths[i], overflow="fold", no_wrap=False
        )
        table.add_column(width=GAP)
    for row in cells:
        table.add_row(*(part for i in shown for part in (row[i], "")))
    print_trimmed(console, table, width, margin)


def print_trimmed(console: Console, table: Table, width: int, margin: int) -> None:
    """Print a table line by line, without the spaces at the ends of lines."""
    # The last gap stands beyond the width and is trimmed away.
    options = console.options.update(width=width + GAP)
    for line in console.render_lines(table, options, pad=False):
        text = Text(" " * margin)
        for segment in line:
            text.append(segment.text, segment.style)
        text.rstrip()
        console.print(text, soft_wrap=True)


def as_text(console: Console, cell: str | Text) -> Text:
    """Return a cell as text that the terminal can show."""
    if isinstance(cell, Text):
        return cell
    return Text(drawable(console, cell))


def has_heading(columns: Sequence[Column], shown: Sequence[int]) -> bool:
    return any(columns[i].heading for i in shown)


def widest(column: Column, cells: Iterable[Text]) -> int:
    """Return the width a column would have with room for everything."""
    return max([cell_len(column.heading), *(cell.cell_len for cell in cells)])


def least(column: Column, cells: Iterable[Text]) -> int:
    """Return how narrow a column may become: as its longest word, within reason, if it folds."""
    if not column.folds:
        return widest(column, cells)
    words = [word for cell in cells for word in cell.plain.split()]
    longest = max((cell_len(word) for word in words), default=0)
    return max(min(longest, LONGEST_WORD), cell_len(column.heading), 1)


def columns_that_fit(
    columns: Sequence[Column], narrow: Sequence[int], filled: Sequence[int], width: int
) -> list[int]:
    """Return the places of the columns that are shown. filled: of those that hold something."""
    shown = list(filled)
    while len(shown) > 1:
        needed = sum(narrow[i] for i in shown) + GAP * (len(shown) - 1)
        spare = max(shown, key=lambda i: columns[i].drop)
        if needed <= width or not columns[spare].drop:
            break
        shown.remove(spare)
    return shown


def narrowed(
    columns: Sequence[Column],
    natural: Sequence[int],
    narrow: Sequence[int],
    shown: Sequence[int],
    width: int,
) -> dict[int, int]:
    """Return each shown column's width; those that fold give way, the widest first."""
    widths = {i: natural[i] for i in shown}
    room = width - GAP * (len(shown) - 1)
    while sum(widths.values()) > room:
        foldable = [i for i in shown if columns[i].folds and widths[i] > 1]
        if not foldable:
            break
        spare = [i for i in foldable if widths[i] > narrow[i]]
        widths[max(spare or foldable, key=lambda i: widths[i])] -= 1
    return widths
