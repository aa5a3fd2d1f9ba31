"""What became of the submissions of a batch, for whoever shows it to people and programs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from grader.records import Result, Status

State = Literal["graded", "before", "failed", "unfiled"]


class Key(NamedTuple):
    """What a result must share with a submission to be its result."""

    author: str
    task: str
    sha256: str
    exam_version: str
    tier: str
    device: str


@dataclass(frozen=True)
class BatchOutcome:
    """What became of one submission in this batch.

    state: "graded" now; "before", nothing was run; "failed", trouble of ours that left no result;
    "unfiled", no task could be found for it, or not one that is graded in the way asked for, so
    there is no result.
    """

    file: str  # the name of what lies in the folder
    author: str
    task: str
    state: State
    results: tuple[Result, ...] = ()  # oldest first; several with repeats
    problem: str = ""  # where there is no result: why

    @property
    def result(self) -> Result | None:
        """Return the result that stands for all: the grader's own trouble, else the median one."""
        for each in self.results:
            if each.score is None:
                return each
        ranked = sorted(self.results, key=points_of)
        return ranked[(len(ranked) - 1) // 2] if ranked else None

    @property
    def status(self) -> Status | None:
        """Return the verdict; None where no task was found.

        Trouble of ours that left no result is the grader's own trouble all the same.
        """
        result = self.result
        if result is not None:
            return result.verdict.status
        return Status.GRADER_ERROR if self.state == "failed" else None

    @property
    def reason(self) -> str:
        """Say why it came out so; empty where it was accepted."""
        return self.result.verdict.reason if self.result is not None else self.problem

    @property
    def scores(self) -> list[float]:
        """Return the points of every repeat, lowest first."""
        return sorted(each.score.total for each in self.results if each.score is not None)


@dataclass(frozen=True)
class Standing:
    """How far a batch is."""

    done: int
    total: int
    seconds_left: float | None  # None until a submission was run


@dataclass(frozen=True)
class Finished:
    """The end of a batch."""

    outcomes: tuple[BatchOutcome, ...]
    left: int  # submissions that were not reached
    stopped: str  # why the batch stopped early; empty if it did not
    seconds: float


def key_of(result: Result) -> Key:
    """Return the key of a stored result."""
    return Key(
        result.submission.author,
        result.task.id,
        result.submission.sha256,
        result.task.exam_version,
        result.tier.value,
        result.device,
    )


def points_of(result: Result) -> float:
    return result.score.total if result.score is not None else 0.0


def spread(scores: Sequence[float]) -> str:
    """Return scores for display: the median, and with several the lowest and highest."""
    if not scores:
        return "-"
    middle = f"{statistics.median(scores):g}"
    if len(scores) == 1:
        return middle
    return f"{middle} ({scores[0]:g} to {scores[-1]:g}, n={len(scores)})"
