"""Blackboard: `Neuron_jdoe_attempt_2026-01-31-10-00-00_solution.py`.

The assignment, the login, the time of the attempt in the platform's own zone, and the file. A text
file without a file's name behind it is the receipt of the attempt.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from grader.intake.parts import Part, Person

NAMED = re.compile(
    r".+_(?P<login>[^_]+)_attempt_(?P<time>\d{4}(?:-\d{2}){5})(?:_(?P<file>.+)|(?P<receipt>\.txt))"
)
TIME = "%Y-%m-%d-%H-%M-%S"


def part_of(path: Path) -> Part | None:
    """Return what the name of a file says."""
    found = NAMED.fullmatch(path.name)
    if found is None or path.is_dir():
        return None
    try:
        moment = datetime.strptime(found["time"], TIME)
    except ValueError:
        return None
    login = found["login"]
    return Part(
        entry=path,
        key=login,
        people=(Person(login=login),),
        file=found["file"] or "",
        submitted_at=moment,
        is_receipt=found["receipt"] is not None,
    )
