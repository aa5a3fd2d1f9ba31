"""Whose turn it is, and about when. Pure: rows go in, an order and times come out.

Learners take turns: everybody's first waiting upload comes before anybody's second, and among those
the earlier one. One that is being graded counts as a turn that was taken, so whoever uploads forty
times delays nobody. What an instructor put first comes first.
What the grader had trouble with three times lets the others go first until one of them was graded:
one upload that no grader survives must not hold up a class, and whoever was first while the engine
was gone is first again when it is back.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

MOST_TRIES = 3


class Waiting(NamedTuple):
    """A job in the queue."""

    id: int
    learner: str
    task: str
    queued_at: float
    urgency: int = 0
    tries: int = 0  # that ended with trouble of the grader's own

    @property
    def is_stuck(self) -> bool:
        return self.tries >= MOST_TRIES


class Running(NamedTuple):
    """A job that is being graded."""

    id: int
    learner: str
    task: str
    started_at: float


class When(NamedTuple):
    """About when a job begins and ends, in seconds since 1970."""

    start: float
    end: float


def in_turn(waiting: Sequence[Waiting], running: Sequence[Running] = ()) -> list[Waiting]:
    """Return the queue in the order in which it is worked off."""
    turns = Counter(each.learner for each in running)
    order = []
    for job in sorted(waiting, key=oldest_first):
        turn = turns[job.learner]
        order.append((job.is_stuck, -job.urgency, turn, job.queued_at, job.id, job))
        turns[job.learner] += 1
    return [entry[-1] for entry in sorted(order)]


def oldest_first(job: Waiting) -> tuple[bool, int, float, int]:
    return job.is_stuck, -job.urgency, job.queued_at, job.id


def times(
    line: Sequence[Waiting],
    running: Sequence[Running],
    expected: Callable[[str], float],
    *,
    now: float,
    lanes: int = 1,
) -> Mapping[int, When]:
    """Return about when each job begins and ends.

    line: as `in_turn` returns it. expected: seconds that grading a task takes. One that already
    takes longer than expected is taken to end soon: at a tenth of that from now.
    """
    found = {}
    free = []
    for each in running:
        takes = expected(each.task)
        end = max(each.started_at + takes, now + takes / 10)
        found[each.id] = When(each.started_at, end)
        free.append(end)
    free += [now] * (lanes - len(free))
    heapq.heapify(free)
    for job in line:
        start = max(now, heapq.heappop(free))
        found[job.id] = When(start, start + expected(job.task))
        heapq.heappush(free, found[job.id].end)
    return found
