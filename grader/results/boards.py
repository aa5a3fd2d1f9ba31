"""Results -> boards. Pure: nothing is read, written or drawn here.

A board holds what may be compared: one task, one exam version, one tier, one device. Each author
stands on it once. Summaries alone decide who stands where; whole results are read only where ranks
or figures are asked for, because of ten thousand results a page shows a few hundred.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.records import (
    MachineRecord,
    Result,
    Status,
    Summary,
    Tier,
    private_part,
    published_version,
)
from grader.results.ranking import rank
from grader.results.runs import Run, as_runs
from grader.text import same_name

STATUS_PLACES = {status.value: place for place, status in enumerate(Status)}
TIERS = list(Tier)


@dataclass(frozen=True)
class BoardKey:
    """What entries must have in common to stand on one board."""

    task_id: str
    exam_version: str
    tier: Tier
    device: str

    @property
    def private_part(self) -> str:
        """The fingerprint of the private hidden part that is asked; empty for the published one."""
        return private_part(self.exam_version)


@dataclass(frozen=True)
class Entry:
    """One author on one board, with the whole result."""

    result: Result
    rank: int | None  # None: not accepted, or the grader's own trouble
    shared: bool  # somebody else has the same rank
    attempts: int  # graded results of this author on this board


@dataclass(frozen=True)
class Place:
    """One author on one board, whose whole result was not needed yet."""

    run: Run
    attempts: int


@dataclass(frozen=True)
class Choice:
    """One author on one board, by summaries alone."""

    summary: Summary
    attempts: int


@dataclass(frozen=True)
class Group:
    """One board, by summaries alone."""

    key: BoardKey
    chosen: list[Choice]  # one for each author, in display order
    is_current: bool
    summaries: list[Summary]  # all of the board, in the order they were given


@dataclass(frozen=True)
class Board:
    """Entries that may be compared: the grader's own trouble, then the ranked, then the rest."""

    key: BoardKey
    places: tuple[Place, ...]  # in display order
    is_current: bool  # the exam version is the one the curriculum has
    graded: tuple[Run, ...] = ()  # every graded run of the board, oldest first

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All places with their ranks. Every result of the board is read for them."""
        return tuple(ranked([(place.run.result, place.attempts) for place in self.places]))

    def leaders(self, most: int) -> list[Entry]:
        """Return the first entries that have a rank.

        One more result is read: it says whether the last of them shares its rank.
        """
        accepted = [place for place in self.places if place.run.summary.status == Status.ACCEPTED]
        first = accepted[: most + 1]
        return ranked([(place.run.result, place.attempts) for place in first])[:most]

    @cached_property
    def newest(self) -> Result:
        """The newest result that stands on the board."""
        return max((place.run for place in self.places), key=lambda run: run.summary.created).result

    @property
    def machines(self) -> list[MachineRecord]:
        """Every machine that an entry was measured on, once each, in the order of the entries."""
        machines = (entry.result.machine for entry in self.entries)
        return list({machine.id: machine for machine in machines}.values())

    @property
    def has_mixed_scoring(self) -> bool:
        """Whether entries were scored with different curves, gates or points."""
        scored = [entry.result for entry in self.entries if entry.result.score]
        return len({result.task.score_version for result in scored}) > 1


def make_boards(
    results: Sequence[Result | Run],
    *,
    latest: bool = False,
    current: Mapping[str, str] | None = None,
) -> list[Board]:
    """Sort results onto boards and return these in display order.

    latest: each author's newest graded result counts, not the best one.
    current: task id -> its exam version, in the order of the curriculum; other tasks follow by
    name.
    """
    runs = sorted(as_runs(results), key=lambda run: (run.summary.created, run.summary.id))
    by_path = {run.summary.path: run for run in runs}
    boards = []
    for group in grouped([run.summary for run in runs], latest=latest, current=current):
        graded = [each for each in group.summaries if each.status != Status.GRADER_ERROR]
        places = [Place(by_path[each.summary.path], each.attempts) for each in group.chosen]
        boards.append(
            Board(
                key=group.key,
                places=tuple(places),
                is_current=group.is_current,
                graded=tuple(by_path[each.path] for each in graded),
            )
        )
    return boards


def grouped(
    summaries: Iterable[Summary], *, latest: bool = False, current: Mapping[str, str] | None = None
) -> list[Group]:
    """Sort summaries onto boards and return these in display order; see `make_boards`."""
    current = current or {}
    by_key: dict[BoardKey, list[Summary]] = {}
    for each in summaries:
        key = BoardKey(each.task, each.exam_version, Tier(each.tier), each.device)
        by_key.setdefault(key, []).append(each)
    groups = [
        Group(key, choose(theirs, latest=latest), is_of_today(key, current), theirs)
        for key, theirs in by_key.items()
    ]
    return in_display_order(groups, list(current))


def is_of_today(key: BoardKey, current: Mapping[str, str]) -> bool:
    """Whether a board's exam is the one that the curriculum has, whatever hidden part it asks."""
    return current.get(key.task_id) == published_version(key.exam_version)


def in_display_order(groups: Iterable[Group], tasks: Sequence[str]) -> list[Group]:
    """Sort boards: by task, the current exam first, then the exam used last, the strongest tier.

    tasks: ids in the order of the curriculum; other tasks follow by name.
    """
    groups = list(groups)
    task_places = {task_id: place for place, task_id in enumerate(tasks)}
    last_used: dict[tuple[str, str], float] = {}
    for group in groups:
        exam = group.key.task_id, group.key.exam_version
        newest = max(choice.summary.created for choice in group.chosen)
        last_used[exam] = max(newest, last_used.get(exam, newest))

    def order(group: Group) -> tuple[int, str, bool, float, int, str]:
        key = group.key
        place = task_places.get(key.task_id, len(task_places))
        age = -last_used[key.task_id, key.exam_version]
        return place, key.task_id, not group.is_current, age, TIERS.index(key.tier), key.device

    return sorted(groups, key=order)


def choose(summaries: Sequence[Summary], *, latest: bool = False) -> list[Choice]:
    """Return what stands on one board: one entry for each author, in display order.

    An author's submissions stand with the median of their runs each, and the best of them counts,
    or the last one handed in if `latest`.
    The grader's own trouble comes first. It is news only until the same author has been graded
    after it.
    """
    by_author: dict[str, list[Summary]] = {}
    for summary in summaries:
        by_author.setdefault(same_name(summary.author), []).append(summary)
    troubles: list[Choice] = []
    graded: list[Choice] = []
    for theirs in by_author.values():
        tried = [each for each in theirs if each.status != Status.GRADER_ERROR]
        failed = [each for each in theirs if each.status == Status.GRADER_ERROR]
        last = max(tried, key=_age, default=None)
        trouble = max(failed, key=_age, default=None)
        if last is not None:
            entries = entries_of(tried)
            shown = entries[last.sha256] if latest else min(entries.values(), key=_best_first)
            graded.append(Choice(shown, len(tried)))
        if trouble is not None and (last is None or _age(trouble) > _age(last)):
            troubles.append(Choice(trouble, len(tried)))
    troubles.sort(key=lambda choice: _age(choice.summary), reverse=True)
    graded.sort(key=lambda choice: _best_first(choice.summary))
    return [*troubles, *graded]


def entries_of(runs: Iterable[Summary]) -> dict[str, Summary]:
    """Return what stands for each submission of one author, by the hash of its bytes.

    The same bytes graded again are the same entry, and it stands with the median of its runs: a
    lucky draw gains nothing by being tried for. Of an even number of runs it is the worse of the
    two in the middle.
    """
    by_bytes: dict[str, list[Summary]] = {}
    for run in runs:
        by_bytes.setdefault(run.sha256, []).append(run)
    entries = {}
    for sha256, same in by_bytes.items():
        ranked_runs = sorted(same, key=_best_first) if len(same) > 1 else same
        entries[sha256] = ranked_runs[len(same) // 2]
    return entries


def ranked(chosen: Sequence[tuple[Result, int]]) -> list[Entry]:
    """Return entries with ranks. chosen: results in display order, each with its attempts.

    Of the beginning of a board they are the board's first ranks.
    """
    accepted = [result for result, _ in chosen if result.verdict.status is Status.ACCEPTED]
    ranks = rank(accepted)
    holders = Counter(ranks)
    remaining = iter(ranks)
    entries = []
    for result, attempts in chosen:
        if result.verdict.status is Status.ACCEPTED:
            place = next(remaining)
            entries.append(Entry(result, place, holders[place] > 1, attempts))
        else:
            entries.append(Entry(result, None, False, attempts))
    return entries


def number(value: float | None) -> float:
    """Return a figure to sort by; what is missing or not a number sorts below everything."""
    return -math.inf if value is None or math.isnan(value) else value


def _age(summary: Summary) -> tuple[float, str]:
    return summary.created, summary.id


def _best_first(summary: Summary) -> tuple[bool, float, float, int, float, str]:
    """Sort key: accepted first, then the best total and metric; of equals the earlier one."""
    is_behind = summary.status != Status.ACCEPTED
    place = STATUS_PLACES[summary.status]
    total = -number(summary.total)
    value = -number(summary.value)
    return is_behind, total, value, place, summary.created, summary.id
