"""Which tasks speak of a word that is the name of none: "cnn", "convolutional", "recurrent".

Words are looked for where the course itself uses them, in titles, in the sentence of each task and
in lessons, so a course of somebody's own is searched the same way and no list has to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

MOST_NAMED = 3
SHORTEST = 3  # letters; shorter words are in every lesson
LONGEST = 60
HEADING = re.compile(r'^(?:title|about) = "(.*)"', re.MULTILINE)
IN_HEADING = 20  # as much as this many times in the lesson


def tasks_about(looked_for: str, folders: Iterable[Path]) -> list[str]:
    """Return the names of tasks that speak of a word most, those that say most of it first."""
    words = re.findall(rf"[^\W_]{{{SHORTEST},}}", looked_for[:LONGEST].lower())
    if not words:
        return []
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})s?\b")
    found = []
    for folder in folders:
        said = IN_HEADING * len(pattern.findall(heading_of(folder)))
        said += len(pattern.findall(text_of(folder / "README.md")))
        if said:
            found.append((-said, folder.name))
    return [name for _, name in sorted(found)[:MOST_NAMED]]


def heading_of(folder: Path) -> str:
    """Return a task's title and its one sentence in small letters; a broken task has them too."""
    return " ".join(HEADING.findall(text_of(folder / "task.toml")))


def text_of(file: Path) -> str:
    """Return a file's text in small letters; empty where it cannot be read."""
    try:
        return file.read_text("utf-8", "replace").lower()
    except OSError:
        return ""
