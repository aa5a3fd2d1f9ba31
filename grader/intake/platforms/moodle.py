"""Moodle: folders `Jane Doe_123_assignsubmission_file_`, or files with the rest of the name behind.

The number is Moodle's own for this participant in this assignment, and in no export of the class.
Typed text is in a folder or file of its own, `..._assignsubmission_onlinetext_`. Where learners are
hidden from those who grade, the name is `Participant 123`.
"""

from __future__ import annotations

import re
from pathlib import Path

from grader.intake.parts import Part, Person

NAMED = re.compile(
    r"(?P<name>.+?)_(?P<participant>\d{1,19})_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)


def part_of(path: Path) -> Part | None:
    """Return what the name of a file or folder says."""
    found = NAMED.fullmatch(path.name)
    if found is None:
        return None
    name = found["name"]
    return Part(
        entry=path,
        key=f"{name}/{found['participant']}",
        people=(Person(name=name),),
        file="" if path.is_dir() else found["file"] or "",
        is_receipt=found["kind"] == "onlinetext",
    )
