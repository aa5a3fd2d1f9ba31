"""Results -> boards. Pure: nothing is read, written or drawn here.

A board holds what may be compared: one task, one exam version, one tier, one device. Each author
stands on it once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.records import MachineRecord, Measured, Result, Status, Summary, Tier
from grader.results.runs import Run, as_runs
from reports.display import has_interval, same_name

STATUS_PLACES = {status.value: place for place, status in enumerate(Status)}
TIERS = list(Tier)
TIE_POINTS = {
    "accuracy": 0.05,
    "speed": 1.0,
    "memory": 1.0,
}  # parts without intervals are told apart from here on
RANK_RULE = (
    "Entries are ordered by total score, then by accuracy. An entry shares the rank of the entry that leads its group "
    "when measurement noise could explain every difference between the two: their 95 % intervals of accuracy overlap, "
    "so do those of their speed ratios, and parts without an interval differ by less than a point "
    "(accuracy without an interval: by less than 0.05)."
)


@dataclass(frozen=True)
class BoardKey:
    """What entries must have in common to stand on one board."""

    task_id: str
    exam_version: str
    tier: Tier
    device: str


@dataclass(frozen=True)
class Entry:
    """One author on one board."""

    result: Result
    rank: int | None  # None: not accepted, or the grader's own trouble
    shared: bool  # somebody else has the same rank
    attempts: int  # graded results of this author on this board


@dataclass(frozen=True)
class Place:
    """One author on one board, whose whole result nobody has asked for yet."""

    run: Run
    attempts: int  # graded results of this author on this board


@dataclass(frozen=True)
class Board:
    """Entries that may be compared: the grader's own trouble, then the ranked, then the rest."""

    key: BoardKey
    places: tuple[Place, ...]  # in display order
    is_current: bool  # the exam version is the one the curriculum has
    graded: tuple[Run, ...] = ()  # every graded run of the board, oldest first

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Return all places with their ranks: for these every result is read."""
        return tuple(ranked([(place.run.result, place.attempts) for place in self.places]))

    def leaders(self, most: int) -> list[Entry]:
        """Return the first entries that have a rank, and read no others than the one after them."""
        accepted = [place for place in self.places if place.run.summary.status == Status.ACCEPTED][
            : most + 1
        ]
        return ranked([(place.run.result, place.attempts) for place in accepted])[:most]

    @cached_property
    def newest(self) -> Result:
        return max((place.run for place in self.places), key=lambda run: run.summary.created).result

    @property
    def machines(self) -> list[MachineRecord]:
        """Return every machine that an entry was measured on, once each, in the order of the
        entries.
        """
        return list(
            {entry.result.machine.id: entry.result.machine for entry in self.entries}.values()
        )

    @property
    def has_mixed_scoring(self) -> bool:
        """True where entries were scored with different curves, gates or points."""
        return (
            len({entry.result.task.score_version for entry in self.entries if entry.result.score})
            > 1
        )


def make_boards(
    results: Sequence[Result | Run],
    *,
    latest: bool = False,
    current: Mapping[str, str] | None = None,
) -> list[Board]:
    """Sort results onto boards, which come in display order. Of runs only the summaries are looked
    at.

    latest: each author's newest graded result counts, not the best one.
    current: task id -> its exam version, in the order of the curriculum; other tasks follow by
    name.
    """
    runs = sorted(as_runs(results), key=lambda run: (run.summary.created, run.summary.id))
    by_path = {run.summary.path: run for run in runs}
    return [
        Board(
            group.key,
            tuple(Place(by_path[choice.summary.path], choice.attempts) for choice in group.chosen),
            group.is_current,
            tuple(
                by_path[each.path] for each in group.summaries if each.status != Status.GRADER_ERROR
            ),
        )
        for group in grouped([run.summary for run in runs], latest=latest, current=current)
    ]


@dataclass(frozen=True)
class Choice:
    """One author's place on one board."""

    summary: Summary
    attempts: int  # graded results of this author on this board


@dataclass(frozen=True)
class Group:
    """What stands on one board, by summaries alone."""

    key: BoardKey
    chosen: list[Choice]  # one an author, in display order
    is_current: bool
    summaries: list[Summary]  # all of the board, in the order they were given


def grouped(
    summaries: Iterable[Summary], *, latest: bool = False, current: Mapping[str, str] | None = None
) -> list[Group]:
    """Sort summaries onto boards, which come in display order; arguments as in `make_boards`."""
    current = current or {}
    by_key: dict[tuple[str, str, str, str], list[Summary]] = {}
    for each in summaries:
        by_key.setdefault((each.task, each.exam_version, each.tier, each.device), []).append(each)
    groups: list[Group] = []
    newest: dict[tuple[str, str], float] = {}
    for (task_id, version, tier, device), theirs in by_key.items():
        chosen = choose(theirs, latest=latest)
        is_current = current.get(task_id) == version
        groups.append(
            Group(BoardKey(task_id, version, Tier(tier), device), chosen, is_current, theirs)
        )
        last = max(choice.summary.created for choice in chosen)
        newest[task_id, version] = max(last, newest.get((task_id, version), last))
    places = {task_id: place for place, task_id in enumerate(current)}

    def order(group: Group) -> tuple[int, str, bool, float, int, str]:
        key = group.key
        age = -newest[key.task_id, key.exam_version]
        place = places.get(key.task_id, len(places))
        return place, key.task_id, not group.is_current, age, TIERS.index(key.tier), key.device

    return sorted(groups, key=order)


def choose(summaries: Sequence[Summary], *, latest: bool = False) -> list[Choice]:
    """Return what stands on one board, in display order: one entry an author, the grader's own
    trouble first.
    """
    by_author: dict[str, list[Summary]] = {}
    for summary in summaries:
        by_author.setdefault(same_name(summary.author), []).append(summary)
    troubles, graded = [], []
    for theirs in by_author.values():
        tried = [each for each in theirs if each.status != Status.GRADER_ERROR]
        failed = [each for each in theirs if each.status == Status.GRADER_ERROR]
        last = max(tried, key=_age, default=None)
        if last is not None:
            graded.append(Choice(last if latest else min(tried, key=_order), len(tried)))
        # Trouble is news only until the same author has been graded after it.
        trouble = max(failed, key=_age, default=None)
        if trouble is not None and (last is None or _age(trouble) > _age(last)):
            troubles.append(Choice(trouble, len(tried)))
    troubles.sort(key=lambda choice: _age(choice.summary), reverse=True)
    graded.sort(key=lambda choice: _order(choice.summary))
    return [*troubles, *graded]


def ranked(chosen: Sequence[tuple[Result, int]]) -> list[Entry]:
    """Return entries of results in display order, with their attempts. Of a board's beginning: its
    first ranks.
    """
    accepted = [result for result, _ in chosen if result.verdict.status is Status.ACCEPTED]
    places = iter(rank(accepted))
    counts: dict[int, int] = {}
    pairs = []
    for result, attempts in chosen:
        place = next(places) if result.verdict.status is Status.ACCEPTED else None
        if place is not None:
            counts[place] = counts.get(place, 0) + 1
        pairs.append((result, place, attempts))
    return [
        Entry(result, place, place is not None and counts[place] > 1, attempts)
        for result, place, attempts in pairs
    ]


def rank(accepted: Sequence[Result]) -> list[int]:
    """Return the ranks of results that are sorted best first: 1, 1, 3 where the first two share
    theirs.

    Each result is compared with the leader of the group above it only, so that ranks never run
    backwards and every member of a group is within the noise of one and the same entry.
    """
    ranks: list[int] = []
    leader: Result | None = None
    place = 0
    for position, result in enumerate(accepted, start=1):
        if leader is None or are_apart(leader, result):
            leader, place = result, position
        ranks.append(place)
    return ranks


def are_apart(one: Result, other: Result) -> bool:
    """True where some part of the score tells two results apart beyond measurement noise."""
    if one.score is None or other.score is None:
        return one.score is not other.score
    pairs = {
        "accuracy": (metric_of(one), metric_of(other)),
        "speed": (one.measurements.get("speed_ratio"), other.measurements.get("speed_ratio")),
        "memory": (one.measurements.get("memory_ratio"), other.measurements.get("memory_ratio")),
    }
    for part, (first, second) in pairs.items():
        gap = abs(getattr(one.score, part) - getattr(other.score, part))
        if gap == 0:
            continue
        if first and second and has_interval(first) and has_interval(second):
            if _are_disjoint(first, second):
                return True
        elif not gap < TIE_POINTS[part]:
            return True
    return False


def _are_disjoint(first: Measured, second: Measured) -> bool:
    ends = first.low, first.high, second.low, second.high
    low, high, other_low, other_high = (end if end is not None else math.nan for end in ends)
    return low > other_high or other_low > high


def metric_of(result: Result) -> Measured | None:
    """Return what the task is graded by; a function task's is the share of its cases."""
    return result.measurements.get(result.metric_key)


def metric_key(result: Result) -> str:
    """Return the name of the measurement that the task is graded by."""
    return result.metric_key


def total(result: Result) -> float:
    """Return the total score; what has none sorts below everything."""
    return number(result.score.total if result.score else None)


def number(value: float | None) -> float:
    """Return a figure to sort by; what is missing or not a number sorts below everything."""
    return -math.inf if value is None or math.isnan(value) else value


def _age(summary: Summary) -> tuple[float, str]:
    return summary.created, summary.id


def _order(summary: Summary) -> tuple[bool, float, float, int, float, str]:
    """Sort key, best first: accepted, then by total and metric; of equals the earlier one."""
    better = -number(summary.total), -number(summary.value)
    place = STATUS_PLACES[summary.status]
    return summary.status != Status.ACCEPTED, *better, place, summary.created, summary.id
