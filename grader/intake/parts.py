"""What the name of one file or folder says, as a learning platform wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.records import Record


class Person(Record):
    """What a platform says of who handed in; empty where it says nothing."""

    name: str = ""
    squashed: str = ""  # last and first name in one word of small letters
    login: str = ""
    id: str = ""
    email: str = ""

    @property
    def label(self) -> str:
        """What the person is called where no roster knows better."""
        return self.name or self.squashed or self.login or self.email or self.id


@dataclass(frozen=True)
class Part:
    """One file or folder of a platform's download.

    key: the same for everything of one learner. file: what the file was called when it was handed
    in; empty where the entry is a folder that holds the whole submission. submitted_at: without a
    zone where the platform writes the course's own time.
    """

    entry: Path
    key: str
    people: tuple[Person, ...]
    file: str = ""
    submitted_at: datetime | None = None
    is_late: bool = False
    is_receipt: bool = False  # the platform's own, and nothing that was handed in
    marks_again: bool = False  # the platform puts "-1" behind the name of a file handed in again
