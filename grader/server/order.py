"""What the two halves of the grading process are given: an upload, and whom to tell about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from grader.intake.hand_ins import HandIn
from grader.server.jobs import Jobs


class Watcher(Protocol):
    """Told what happens in a job, and asked whether it is still wanted."""

    def step(self, text: str) -> None: ...

    def line(self, text: str) -> None: ...

    def is_cancelled(self) -> bool: ...


@dataclass(frozen=True)
class Order:
    """One submission to be graded. again: also if it has a result."""

    hand_in: HandIn
    again: bool


class Watched:
    """A job, as it is told about in the database."""

    def __init__(self, jobs: Jobs, number: int) -> None:
        self._jobs = jobs
        self._number = number

    def step(self, text: str) -> None:
        self._jobs.tell(self._number, "step", text)

    def line(self, text: str) -> None:
        self._jobs.tell(self._number, "log", text)

    def is_cancelled(self) -> bool:
        return self._jobs.is_cancelled(self._number)
