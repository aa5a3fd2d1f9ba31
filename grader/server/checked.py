"""What the quick check of an upload has found so far: as the database keeps it, and in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

READ = "read"  # opened and read, without running anything of it
BOX = "box"  # tried out in a box
LATER = "later"  # the grader had trouble of its own: nothing was found, and it is held at its turn


@dataclass(frozen=True)
class Checked:
    """One upload's check.

    held: how far it is: "", READ, BOX or LATER. problem: what a run would end with, which is no
    refusal. lines: what else is worth knowing. refused: why it can't be graded at all. waits: why
    it is not tried out in a box yet; empty where that is about to begin.
    """

    held: str = ""
    problem: str = ""
    lines: tuple[str, ...] = ()
    refused: str = ""
    waits: str = ""

    @property
    def told(self) -> str:
        """Return in a sentence how far it is."""
        if self.held == BOX:
            return "" if self.problem else "It was tried out in a box: it can be graded."
        if self.held == LATER:
            return "The grader had trouble of its own with it. It is held before it is graded."
        follows = self.waits or "It is tried out in a box within seconds."
        if self.held == READ:
            return f"It opens, and was read without running it. {follows}"
        return "It is read within seconds."

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def checked_of(text: str) -> Checked:
    """Return what is kept about a check. One of before was held in a box, or not at all."""
    if not text:
        return Checked()
    values: dict[str, Any] = {"held": BOX} | json.loads(text)
    return Checked(**values | {"lines": tuple(values["lines"])})


def found_by(held: str, found: Mapping[str, object]) -> Checked:
    """Return the check of which this was found. found: `problem` and `lines`."""
    lines = found["lines"]
    assert isinstance(lines, list | tuple)
    return Checked(held, str(found["problem"]), tuple(map(str, lines)))
