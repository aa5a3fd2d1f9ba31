"""How things look in a terminal: results, boards, checks, progress.

Whatever a submission or a stored file chose goes through `grader.text` and into a Rich `Text`: it
is shown as text, never read as markup or as an escape sequence. What is printed fits the width of
the terminal; nothing is cut.

    figures      a figure with its unit, in no more digits than its interval carries
    tables       columns that fit the width
    one_result   a result, a check
    boards       a board, and several runs of one solution
    progress     how far a run is
"""

from __future__ import annotations

from grader.terminal.boards import print_board, print_spread
from grader.terminal.figures import short_figure
from grader.terminal.one_result import print_case, print_check, print_hanging, print_result
from grader.terminal.tables import Column, columns, print_table

__all__ = [
    "Column",
    "columns",
    "print_board",
    "print_case",
    "print_check",
    "print_hanging",
    "print_result",
    "print_spread",
    "print_table",
    "short_figure",
]
