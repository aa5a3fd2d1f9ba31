"""Names that somebody chose: of authors, submissions and files."""

from __future__ import annotations

import getpass
from pathlib import Path

from grader.errors import SubmissionRefused
from grader.text import JOINERS, page_line

MAX_NAME = 80
UNNAMED = "unnamed"


def display_name(text: str) -> str:
    """Return a name as boards show it: one clean line of at most 80 characters, never empty."""
    name = page_line(text)[:MAX_NAME].strip(f" {JOINERS}")
    return name or UNNAMED


def user_name() -> str:
    """Return what this computer calls its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "anonymous"


def own_name(path: Path) -> str:
    """Return what a submission is called on disk: a folder's name, a file's without its suffix."""
    resolved = path.resolve()
    if path.is_dir():
        return resolved.name
    return resolved.stem


def refused_name(name: str) -> SubmissionRefused:
    """Return the refusal of a file name with hidden characters, which it shows as escapes.

    A system may give any bytes as a name, and people read it in messages and on pages.
    """
    return SubmissionRefused(
        f"the name {name[:MAX_NAME]!a} cannot be displayed; use letters, digits, - and _"
    )
