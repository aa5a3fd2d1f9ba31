"""What programs that are not ours take of the processors while boxes of ours work.

A timing beside a busy neighbour is still a ratio of two sides that suffered alike, but its interval
grows; and a training beside one may be late through nobody's fault. Both are said, with the share
that the others took: the processors' busy time, less this process's and the boxes' own.
"""

from __future__ import annotations

import time
from typing import NamedTuple, Protocol

from grader.host.machine import ONE_CORE, busy_seconds, usable_cores

BUSY_SHARE = 0.15  # of all usable processors: enough to make a training late, and timings noisy
LEAST_SECONDS = 1e-3  # that a share is taken of


class Counted(Protocol):
    """A box of ours, as far as this goes."""

    def cpu_seconds(self) -> float:
        """Return the processor time it has used so far."""


class Reading(NamedTuple):
    """Processor seconds by now, and the moment they were read at."""

    moment: float
    everybody: float
    grader: float
    boxes: float


class OtherPrograms:
    """Counts what other programs take from now on."""

    def __init__(self, *boxes: Counted | None) -> None:
        self._boxes = [box for box in boxes if box is not None]
        self._began = self._read()

    def _read(self) -> Reading:
        boxes = sum(box.cpu_seconds() for box in self._boxes)
        return Reading(time.monotonic(), busy_seconds(), time.process_time(), boxes)

    def share(self) -> float | None:
        """Return the share of all usable processors' time; None if what boxes took is unknown."""
        began = self._began
        now = self._read()
        if now.boxes <= began.boxes:
            return None
        ours = (now.grader - began.grader) + (now.boxes - began.boxes)
        others = (now.everybody - began.everybody) - ours
        seconds = max(LEAST_SECONDS, now.moment - began.moment)
        return max(0.0, others) / (len(usable_cores()) * seconds)

    def noise(self) -> str:
        """Say why what was timed meanwhile may be noisy, or return an empty text."""
        if len(usable_cores()) < 2:
            return ONE_CORE
        share = self.share()
        if share is None or share < BUSY_SHARE:
            return ""
        return f"other programs took {share:.0%} of the processors meanwhile"
