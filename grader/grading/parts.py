"""A class in parts: any scheduler can grade it, one part a job.

Part I of N is every Nth submission in the order of their names, from the Ith. The same folder gives
the same parts on every computer, so nothing has to be agreed on but the two numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.intake.hand_ins import HandIn

WRITTEN = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True)
class Share:
    """One part of a batch: `number`, from 1, of `of`."""

    number: int
    of: int

    def take(self, handed_in: Sequence[HandIn]) -> list[HandIn]:
        """Return the submissions of this part, in the order of their names."""
        in_order = sorted(handed_in, key=lambda each: (each.path.name, each.author, each.attempt))
        return in_order[self.number - 1 :: self.of]


WHOLE = Share(1, 1)


def read_share(text: str) -> Share:
    """Return what --part says, "3/16". UsageError for anything that is no part."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise UsageError(f"--part {text}: expected two numbers such as 3/16")
    share = Share(int(found[1]), int(found[2]))
    if not 1 <= share.number <= share.of:
        raise UsageError(f"--part {text}: the part must be between 1 and {share.of}")
    return share
