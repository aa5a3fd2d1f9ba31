"""Whether an error in a script came after its training: then the model counts all the same.

A plot, a confusion matrix or a file that can't be written ends many a script after the work is
done. Where the last step of training happened is known by the lines of the script that led to it;
so is where the error arose. The first line in which the two ways differ decides: if no loop that
holds the step holds the error as well, and the error's line comes later, training was over.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import NamedTuple

MOST_LINES = 12  # of a way, the outermost ones


class Line(NamedTuple):
    """A line of the submission that was being executed."""

    file: str
    function: str
    number: int


Way = list[Line]


def way_here(folder: str) -> Way:
    """Return the submission's lines that are being executed right now, outermost first."""
    lines: Way = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith(folder):
            code = frame.f_code
            lines.append(Line(code.co_filename, code.co_qualname, frame.f_lineno))
        frame = frame.f_back
    return lines[::-1][:MOST_LINES]


def way_of(trace: TracebackType | None, folder: str) -> Way:
    """Return the submission's lines that an exception passed, outermost first."""
    lines: Way = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith(folder):
            lines.append(Line(code.co_filename, code.co_qualname, trace.tb_lineno))
        trace = trace.tb_next
    return lines[:MOST_LINES]


def is_after(error: Way, step: Way) -> bool:
    """Whether an error lies after a training whose last step was reached by another way."""
    for at_error, at_step in zip(error, step, strict=False):
        if (at_error.file, at_error.function) != (at_step.file, at_step.function):
            return False
        for first, last in loops_around(at_step):
            if first <= at_error.number <= last:
                return False
        if at_error.number != at_step.number:
            return at_error.number > at_step.number
    return False


def loops_around(line: Line) -> Iterator[tuple[int, int]]:
    """Yield first and last line of each loop that holds a line; none where that is not known.

    A function's loop may hold another function's line, which does no harm: that line is not asked
    about there.
    """
    try:
        tree = ast.parse(Path(line.file).read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            last = node.end_lineno or node.lineno
            if node.lineno <= line.number <= last:
                yield node.lineno, last
