"""Names that somebody chose: of authors and submissions; of files, see opener/member_names.py."""

from __future__ import annotations

import getpass
import unicodedata
from pathlib import Path

MAX_NAME = 80
UNNAMED = "unnamed"


def display_name(text: str) -> str:
    """Return a name as boards show it: one clean line of at most 80 characters, never empty.

    What has no shape of its own becomes a space, joiners included: a name is the key of what an
    author handed in before, and stored results hold it in this form.
    """
    normal = unicodedata.normalize("NFKC", text)
    plain = "".join(" " if is_other(character) else character for character in normal)
    return " ".join(plain.split())[:MAX_NAME] or UNNAMED


def is_other(character: str) -> bool:
    """Whether Unicode calls a character "other": control, format, private, unassigned."""
    return unicodedata.category(character).startswith("C")


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
    return resolved.stem.removesuffix(".tar")
