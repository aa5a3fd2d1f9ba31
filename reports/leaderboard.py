"""Results -> boards. Pure: nothing is read, written or drawn here.

A board holds what may be compared: one task, one exam version, one tier, one device. Each author stands on it once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.records import MachineRecord, Measured, Result, Status, Tier
from reports.display import has_interval, moment, same_name

STATUSES = list(Status)
TIERS = list(Tier)
TIE_POINTS = {"accuracy": 0.05, "speed": 1.0, "memory": 1.0}  # parts without intervals are told apart from here on
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
class Board:
    """Entries that may be compared: the grader's own trouble, then the ranked, then the rest."""

    key: BoardKey
    entries: tuple[Entry, ...]
    is_current: bool  # the exam version is the one the curriculum has

    @property
    def newest(self) -> Result:
        return max((entry.result for entry in self.entries), key=moment)

    @property
    def machines(self) -> list[MachineRecord]:
        """Return every machine that an entry was measured on, once each, in the order of the entries."""
        return list({entry.result.machine.id: entry.result.machine for entry in self.entries}.values())

    @property
    def has_mixed_scoring(self) -> bool:
        """True where entries were scored with different curves, gates or points."""
        return len({entry.result.task.score_version for entry in self.entries if entry.result.score}) > 1


def make_boards(
    results: Sequence[Result], *, latest: bool = False, current: Mapping[str, str] | None = None
) -> list[Board]:
    """Sort results onto boards.

    latest: each author's newest graded result counts, not the best one.
    current: task id -> its exam version, in the order of the curriculum; other tasks follow by name.
    """
    current = current or {}
    boards: list[Board] = []
    for key, group in groupby(sorted(results, key=_key_order), key=_key):
        entries = _entries(list(group), latest)
        boards.append(Board(key, tuple(entries), current.get(key.task_id) == key.exam_version))
    places = {task_id: place for place, task_id in enumerate(current)}
    newest: dict[tuple[str, str], float] = {}
    for board in boards:
        version = board.key.task_id, board.key.exam_version
        newest[version] = max(newest.get(version, -math.inf), moment(board.newest).timestamp())

    def order(board: Board) -> tuple[int, str, bool, float, int, str]:
        key = board.key
        place = places.get(key.task_id, len(places))
        age = -newest[key.task_id, key.exam_version]
        return place, key.task_id, not board.is_current, age, TIERS.index(key.tier), key.device

    return sorted(boards, key=order)


def _key(result: Result) -> BoardKey:
    return BoardKey(result.task.id, result.task.exam_version, result.tier, result.device)


def _key_order(result: Result) -> tuple[str, str, str, str]:
    return result.task.id, result.task.exam_version, result.tier.value, result.device


def _entries(results: Sequence[Result], latest: bool) -> list[Entry]:
    """Return each author's entry, in display order and ranked."""
    by_author: dict[str, list[Result]] = {}
    for result in results:
        by_author.setdefault(same_name(result.submission.author), []).append(result)
    troubles, chosen = [], []
    attempts: dict[str, int] = {}
    for author, theirs in by_author.items():
        graded = [result for result in theirs if result.verdict.status is not Status.GRADER_ERROR]
        failed = [result for result in theirs if result.verdict.status is Status.GRADER_ERROR]
        attempts[author] = len(graded)
        last = max(graded, key=_age, default=None)
        if last is not None:
            chosen.append(last if latest else min(graded, key=_order))
        # Trouble is news only until the same author has been graded after it.
        trouble = max(failed, key=_age, default=None)
        if trouble is not None and (last is None or _age(trouble) > _age(last)):
            troubles.append(trouble)
    chosen.sort(key=_order)
    accepted = [result for result in chosen if result.verdict.status is Status.ACCEPTED]
    ranks = rank(accepted)

    def entry(result: Result, place: int | None) -> Entry:
        shared = place is not None and ranks.count(place) > 1
        return Entry(result, place, shared, attempts[same_name(result.submission.author)])

    troubles.sort(key=_age, reverse=True)
    rest = [result for result in chosen if result.verdict.status is not Status.ACCEPTED]
    return [
        *(entry(result, None) for result in troubles),
        *(entry(result, place) for result, place in zip(accepted, ranks, strict=True)),
        *(entry(result, None) for result in rest),
    ]


def rank(accepted: Sequence[Result]) -> list[int]:
    """Return the ranks of results that are sorted best first: 1, 1, 3 where the first two share theirs.

    Each result is compared with the leader of the group above it only, so that ranks never run backwards and every
    member of a group is within the noise of one and the same entry.
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
    return result.measurements.get(metric_key(result))


def metric_key(result: Result) -> str:
    """Return the name of the measurement that the task is graded by."""
    return result.task.metric if result.task.metric in result.measurements else _fallback(result)


def _fallback(result: Result) -> str:
    return "cases" if "cases" in result.measurements else result.task.metric


def total(result: Result) -> float:
    """Return the total score; what has none sorts below everything."""
    number = result.score.total if result.score else -math.inf
    return -math.inf if math.isnan(number) else number


def _age(result: Result) -> tuple[float, str]:
    return moment(result).timestamp(), result.id


def _order(result: Result) -> tuple[bool, float, float, int, float, str]:
    """Sort key, best first: accepted, then by total and accuracy; of equals the earlier one."""
    metric = metric_of(result)
    sign = 1 if result.task.better == "higher" else -1
    value = sign * metric.value if metric is not None and not math.isnan(metric.value) else -math.inf
    accepted = result.verdict.status is Status.ACCEPTED
    kind = STATUSES.index(result.verdict.status)
    return not accepted, -total(result), -value, kind, moment(result).timestamp(), result.id
