"""What is said to the host when a submission goes wrong, and how an exception becomes one line."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from pathlib import Path

from . import frameworks, imports, slips
from .frames import Trouble

MESSAGE_CHARACTERS = 1500
LINE_CHARACTERS = 80  # of a line that Python cannot read
TABS = (
    ". Some lines are indented with tabs and others with spaces: have your editor turn all of them "
    "into spaces"
)
HEAD_CHARACTERS = 500  # of a longer message; the rest is its end, where the cause often stands
FRAME = re.compile(r'\s*File "(?P<file>[^"]*)", line \d+')
# What says how the task gives its data, beside an error about a file or a network (`well_known`).
ADVICE: list[Callable[[], str]] = []
MOST_CAUSES = 12  # of an exception, looked at
NETWORK_ERRORS = {
    "gaierror",
    "URLError",
    "HTTPError",
    "ConnectionError",
    "ConnectError",
    "MaxRetryError",
    "NewConnectionError",
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "ProxyError",
}


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
        line = (error.text or "").strip()[:LINE_CHARACTERS]
        where = f"({Path(error.filename or '?').name}, line {error.lineno}{line and ': '}{line})"
        tabs = TABS if isinstance(error, TabError) else ""
        return f"{name}: {error.msg} {where}{tabs}{slips.about_syntax(error)}"
    hint = slips.hint(error)
    behind = f": {hint}" if hint else ""
    return f"{name}: {brief(str(error))}{place(error)}{behind}"


def brief(message: str) -> str:
    """Return a message without a framework's own stack, and if it is still long, its two ends.

    TensorFlow puts where a graph was made in front of what is wrong with it.
    """
    folder = imports.FOLDER[0] or str(Path.cwd())
    # Where the box's folder lies on this computer helps nobody; the file in it does.
    if len(message) <= MESSAGE_CHARACTERS:
        return message.replace(f"{folder}/", "")
    lines = []
    for line in message.splitlines():
        frame = FRAME.match(line)
        if frame is None or frame["file"].startswith(folder):
            lines.append(line)
    kept = "\n".join(line for line in lines if line.strip()).replace(f"{folder}/", "")
    if len(kept) <= MESSAGE_CHARACTERS:
        return kept
    end = MESSAGE_CHARACTERS - HEAD_CHARACTERS
    return f"{kept[:HEAD_CHARACTERS]} [...] {kept[-end:]}"


def place(error: BaseException) -> str:
    """Return where in the learner's files an exception arose, in brackets; empty if elsewhere."""
    folder = imports.FOLDER[0] or str(Path.cwd())
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(folder):
            where = f" ({frame.filename[len(folder) + 1 :]}, line {frame.lineno}: {frame.line})"
    return where


def is_of_network(error: BaseException | None) -> bool:
    """Whether an exception, or what caused it, says that a network can't be reached."""
    seen = 0
    while error is not None and seen < MOST_CAUSES:
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & NETWORK_ERRORS or "couldn't connect" in str(error):
            return True
        error = error.__cause__ or error.__context__
        seen += 1
    return False


def explain(error: BaseException) -> tuple[Trouble, str]:
    """Turn whatever a learner's code raised into a trouble and a text."""
    if isinstance(error, Problem):
        return error.trouble, error.text
    if isinstance(error, ModuleNotFoundError) and error.name:
        said = slips.gone(error.name) or frameworks.missing(error.name)
        return Trouble.NOT_IMPORTABLE, said + place(error)
    if isinstance(error, NotImplementedError) and slips.is_own_word(error):
        return Trouble.NOT_ATTEMPTED, shorten(error)
    if isinstance(error, SystemExit):
        return Trouble.RAISED, (
            f"the code called sys.exit({error.code!r}); a submission must return its answers "
            "instead of exiting"
        )
    if isinstance(error, EOFError) and "reading a line" in str(error):
        return Trouble.RAISED, (
            f"the program asks for input(){place(error)}, and nobody answers in a box; write the "
            "value into the program"
        )
    if isinstance(error, FileNotFoundError):
        only = "Only what was handed in is in a box, and " if ADVICE else ""
        return Trouble.RAISED, ". ".join([shorten(error), *(only + say() for say in ADVICE)])
    if is_of_network(error):
        return Trouble.RAISED, ": ".join([shorten(error), *(say() for say in ADVICE)])
    if isinstance(error, MemoryError):
        return Trouble.OUT_OF_MEMORY, "ran out of memory (MemoryError)"
    if type(error).__name__ == "OutOfMemoryError":
        return Trouble.OUT_OF_MEMORY, shorten(error)
    return Trouble.RAISED, shorten(error)
