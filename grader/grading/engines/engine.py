"""What an engine must offer to a batch. A new engine is one file beside this one.

One job is one submission; its key is the one that a resumed batch looks up, so a batch can move
from one engine to another half-way. The submission travels to its worker, and the packed result
back, as bytes where they are on different computers; the batch stores it, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from grader.intake.hand_ins import HandIn

IsWanted = Callable[[], bool]


class Worker(Protocol):
    """Grades one submission at a time. Every method but the last three may raise EOFError: it has
    ended, or the computer it was on is lost.
    """

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        """Open a submission and return its key (`batch_outcomes.Key`) by field.

        {"unfiled": why} where it fits no task, {"failed": why} for trouble of our own.
        """

    def grade(self) -> bytes:
        """Grade what is open and return the packed result (grader/results/packed.py).

        GraderError for trouble of our own that left no result.
        """

    def how_it_ended(self) -> str:
        """Say how it ended, once it has."""

    def interrupt(self) -> None:
        """Let it close its boxes and end."""

    def close(self) -> None:
        """End it, and wait until it has ended."""


class Engine(Protocol):
    """Where the workers of a batch run.

    tries: how often a submission is begun when workers end under it or meet trouble of our own.
    """

    tries: int

    def places(self) -> Sequence[str]:
        """Return a name for each submission that is graded at a time: the node's."""

    def start(self, place: str, is_wanted: IsWanted) -> Worker | None:
        """Start a worker there; None if the place is lost, or the worker is not wanted any more.

        Where a start may take long, is_wanted is asked again and again.
        """

    def is_lost(self, place: str) -> bool:
        """Whether nothing can be graded there any more."""
