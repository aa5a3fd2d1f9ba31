"""What is said to the host when a submission goes wrong, and how an exception becomes one line."""

from __future__ import annotations

import traceback
from pathlib import Path

from . import frameworks
from .frames import Trouble

MESSAGE_CHARACTERS = 1500


class Problem(Exception):
    """Something to report to the host: which trouble it is, and a text for the learner."""

    def __init__(self, trouble: Trouble, text: str) -> None:
        super().__init__(text)
        self.trouble = trouble
        self.text = text


def shorten(error: BaseException) -> str:
    """Return one line: the kind of error, its message, and its place in the learner's files."""
    name = type(error).__name__
    if isinstance(error, SyntaxError):
        return f"{name}: {error.msg} ({Path(error.filename or '?').name}, line {error.lineno})"
    return f"{name}: {str(error)[:MESSAGE_CHARACTERS]}{place(error)}"


def place(error: BaseException) -> str:
    """Return where in the learner's files an exception arose, in brackets; empty if elsewhere."""
    folder = str(Path.cwd())
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(folder):
            where = f" ({frame.filename[len(folder) + 1 :]}, line {frame.lineno}: {frame.line})"
    return where


def explain(error: BaseException) -> tuple[Trouble, str]:
    """Turn whatever a learner's code raised into a trouble and a text."""
    if isinstance(error, Problem):
        return error.trouble, error.text
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Trouble.NOT_IMPORTABLE, frameworks.missing(error.name) + place(error)
    if isinstance(error, NotImplementedError):
        return Trouble.NOT_ATTEMPTED, shorten(error)
    if isinstance(error, SystemExit):
        return Trouble.RAISED, (
            f"the code called sys.exit({error.code!r}); a submission must return its answers "
            "instead of exiting"
        )
    if isinstance(error, MemoryError):
        return Trouble.OUT_OF_MEMORY, "ran out of memory (MemoryError)"
    if type(error).__name__ == "OutOfMemoryError":
        return Trouble.OUT_OF_MEMORY, shorten(error)
    return Trouble.RAISED, shorten(error)
