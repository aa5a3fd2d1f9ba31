"""Two results side by side: which figures differ, and which of the differences mean something.

A difference means something if chance does not explain it (`grader/results/differences.py`).
Figures of different machines or tiers are shown beside each other and never called better.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.measures import REGISTERED, find
from grader.records import Measured, Result
from grader.results.differences import Meaning, meaning_of

MOST_DIFF_LINES = 400
CONTEXT_LINES = 3


@dataclass(frozen=True)
class Row:
    """One figure of both results."""

    key: str
    label: str
    one: Measured | None
    other: Measured | None
    meaning: Meaning


@dataclass(frozen=True)
class Comparison:
    """Two results side by side. points: of each part and in total; None where there is no score."""

    one: Result
    other: Result
    points: list[tuple[str, float | None, float | None]]
    rows: list[Row]
    cases: list[tuple[str, str, str]]  # groups that came out differently: name, status, status
    notes: list[str]
    diff: list[str]  # of the sources, as lines of a unified diff; empty where they are the same


def compare(one: Result, other: Result, sources: tuple[str, str] | None = None) -> Comparison:
    """Compare two results. sources: the text of both files that were run, where they are known."""
    return Comparison(
        one=one,
        other=other,
        points=points_of(one, other),
        rows=[row_of(key, one, other) for key in keys_of(one, other)],
        cases=changed_cases(one, other),
        notes=list(notes_on(one, other)),
        diff=[] if sources is None else diff_of(*sources),
    )


def points_of(one: Result, other: Result) -> list[tuple[str, float | None, float | None]]:
    """Return total and parts of both scores; parts that brought nothing to either are left out."""
    rows = []
    for part in ("total", "accuracy", "speed", "memory"):
        both = [getattr(each.score, part) if each.score else None for each in (one, other)]
        most = [getattr(each.score, f"max_{part}", 1) if each.score else 0 for each in (one, other)]
        if any(most):
            rows.append((part, both[0], both[1]))
    return rows


def keys_of(one: Result, other: Result) -> list[str]:
    """Return what was measured in either, in the order of the registry."""
    there = one.measurements.keys() | other.measurements.keys()
    known = [measure.id for measure in REGISTERED if measure.id in there]
    return known + sorted(there - set(known))


def row_of(key: str, one: Result, other: Result) -> Row:
    first = one.measurements.get(key)
    second = other.measurements.get(key)
    label = find(key).label
    return Row(key, label, first, second, meaning_of(key, first, second))


def changed_cases(one: Result, other: Result) -> list[tuple[str, str, str]]:
    """Return the groups of cases whose outcome is another one."""
    before = {(group.function, group.group): group.status for group in one.cases}
    changed: list[tuple[str, str, str]] = []
    for group in other.cases:
        status = before.get((group.function, group.group), "not asked")
        if status != group.status:
            changed.append((f"{group.function}: {group.group}", str(status), group.status))
    return changed


def notes_on(one: Result, other: Result) -> Iterator[str]:
    """Yield what makes two results less comparable, or the same."""
    if one.task.id != other.task.id:
        yield f"they are of different tasks: {one.task.id} and {other.task.id}"
    elif one.task.exam_version != other.task.exam_version:
        yield "the task asked something else then; their figures can't be compared"
    elif one.task.score_version != other.task.score_version:
        yield "they were scored by different curves; `grader rescore` gives both today's"
    if one.submission.sha256 == other.submission.sha256:
        yield "the same files were graded: every difference is the measurement's or the task's"
    if one.tier != other.tier:
        yield f"they ran in different tiers: {one.tier.value} and {other.tier.value}"
    if one.machine.id != other.machine.id or one.device != other.device:
        yield "they ran on different machines: seconds and bytes say nothing about the solutions"


def diff_of(one: str, other: str) -> list[str]:
    """Return a unified diff of two texts, cut where it is too long to be read."""
    lines = difflib.unified_diff(
        one.splitlines(), other.splitlines(), "one", "other", lineterm="", n=CONTEXT_LINES
    )
    found = list(lines)
    if len(found) <= MOST_DIFF_LINES:
        return found
    return [*found[:MOST_DIFF_LINES], f"[{len(found) - MOST_DIFF_LINES} more lines]"]


def meaningful(rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose difference means something."""
    return [row for row in rows if row.meaning == "differs"]
