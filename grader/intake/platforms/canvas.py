"""Canvas: `doejane_LATE_4711_99_solution-1.py`.

Last and first name in one word, LATE if it came after the deadline, the number of the user, the
number of the submission, and the file. What is handed in again gets "-1" behind its name. Where
grading is anonymous, `anon_x9f2k` stands in the place of name and user.
"""

from __future__ import annotations

import re
from pathlib import Path

from grader.intake.parts import Part, Person

REST = r"(?P<submission>\d{1,19})_(?P<file>.+)"
NAMED = re.compile(rf"(?P<name>[^_]*[^\W\d_][^_]*)_(?P<late>LATE_)?(?P<user>\d{{1,19}})_{REST}")
ANONYMOUS = re.compile(rf"anon_(?P<user>[^_]+)_(?P<late>LATE_)?{REST}")


def part_of(path: Path) -> Part | None:
    """Return what the name of a file says."""
    found = ANONYMOUS.fullmatch(path.name) or NAMED.fullmatch(path.name)
    if found is None or path.is_dir():
        return None
    said = found.groupdict()
    user = found["user"]
    squashed = said.get("name") or f"anon {user}"
    return Part(
        entry=path,
        key=f"{squashed}/{user}",
        people=(Person(squashed=squashed, id=user),),
        file=found["file"],
        is_late=found["late"] is not None,
        is_receipt=found["file"] == "text.html",  # what was typed into the page
        marks_again=True,
    )
