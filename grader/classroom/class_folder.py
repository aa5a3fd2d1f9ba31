"""The folder of a class: course.toml, roster.csv, journal.jsonl and the secret of the pseudonyms.

Whatever is written there is written beside its place and moved in, so that a full disk or a kill
leaves the old file.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.classroom.course_file import COURSE_FILE, Course, read_course
from grader.classroom.journal import JOURNAL_FILE, Journal
from grader.classroom.roster import ROSTER_FILE, Roster, read_roster
from grader.errors import GraderError, UsageError

DEFAULT_CLASS = Path("class")
TABLES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class ClassFolder:
    """A class on disk; its files are read when they are first asked for."""

    path: Path

    @cached_property
    def roster(self) -> Roster:
        return read_roster(self.path / ROSTER_FILE)

    @cached_property
    def course(self) -> Course:
        return read_course(self.path / COURSE_FILE, self.roster)

    @property
    def journal(self) -> Journal:
        return Journal(self.path / JOURNAL_FILE)


def open_class(path: Path) -> ClassFolder:
    """Return the class in a folder. Raises UsageError if there is none."""
    if path.is_file():
        raise UsageError(f"{path} is a file; expected the folder of a class{perhaps(path)}")
    if not path.exists():
        raise UsageError(
            f"{path} does not exist; expected the folder of a class. `grader class init "
            "ROSTER.csv` makes one"
        )
    if not (path / ROSTER_FILE).is_file():
        raise UsageError(
            f"{path} is no class: it has no {ROSTER_FILE}. `grader class init ROSTER.csv` makes "
            "one; --class says where it is"
        )
    return ClassFolder(path)


def perhaps(file: Path) -> str:
    """Return what may be meant by a file: the class that it lies in, or one to be made of it."""
    if (file.parent / ROSTER_FILE).is_file():
        return f", which is {file.parent}"
    if file.suffix.lower() in TABLES:
        return f". `grader class init {file}` makes one of a roster"
    return ""


def find_class(path: Path | None) -> ClassFolder | None:
    """Return the class that was named, or the one in the usual place; None where there is none."""
    if path is not None:
        return open_class(path)
    if (DEFAULT_CLASS / ROSTER_FILE).is_file():
        return ClassFolder(DEFAULT_CLASS)
    return None


def need_class(path: Path | None, who_needs: str) -> ClassFolder:
    """Return the same; UsageError where there is none. who_needs: begins that, "feedback needs"."""
    found = find_class(path)
    if found is None:
        raise UsageError(f"{who_needs} a class; `grader class init ROSTER.csv` makes one")
    return found


def write_whole(path: Path, content: bytes, *, is_secret: bool = False) -> None:
    """Write a file in one step: the whole of it is there, or what was there before.

    Raises GraderError if it cannot be written.
    """
    partial = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    mode = 0o600 if is_secret else 0o666
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise GraderError(
            f"cannot write {path}: {error.strerror or error}. What was there before is unchanged"
        ) from None
    finally:
        partial.unlink(missing_ok=True)
