"""What a learner handed in: as it is graded, and as a result remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from grader.records.record import Record


@dataclass(frozen=True)
class Submission:
    """What a learner handed in, opened, checked and copied to a folder of our own."""

    folder: Path  # regular files only, the grader's private copy
    file: str  # the file to import or run, relative to the folder
    task_id: str
    author: str
    name: str
    sha256: str  # of all files, names and contents
    source: str  # "folder", "notebook", "script" or "zip"
    notes: tuple[str, ...] = ()  # what was skipped or assumed, for the learner
    made: str = ""  # a script the grader made of a notebook: run, but not handed in
    # What its author calls the architecture; it finds the same one in another framework.
    network: str = ""
    lines: int = 0  # of the file, neither blank nor comments
    submitted_at: datetime | None = None  # with its zone; None where nobody knows
    is_late: bool = False  # the platform it was handed in on says so
    attempt: int = 0  # from 1, as that platform counts; 0 where it is not known
    # What a box is given where that is less than was handed in: without comments, docstrings and
    # what people read beside the code. See grader/intake/brought_along.py.
    bare: Path | None = None

    @property
    def box_folder(self) -> Path:
        """The folder that a box is given."""
        return self.bare or self.folder


class SubmissionRecord(Record):
    """What was handed in, as far as boards and pages need it."""

    author: str
    name: str
    sha256: str
    source: str
    file: str
    notes: list[str] = Field(default_factory=list)
    # What the runner said of itself and the model: shown, never scored.
    reported: dict[str, Any] = Field(default_factory=dict)
    network: str = ""  # what its author calls the architecture; shown, never scored
    lines: int = 0  # of the file, neither blank nor comments
    submitted_at: datetime | None = None  # when it was handed in; None where nobody knows
    is_late: bool = False  # the platform it was handed in on says so
    attempt: int = 0  # from 1, as that platform counts; 0 where it is not known
