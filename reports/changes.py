"""What is another in an attempt than in the author's attempt before, as its page says it.

Figures stand side by side with their intervals, and only a difference that chance does not explain
is called better or worse. Seconds and bytes of different machines say nothing about solutions, so
they are left out where the machine is another one; ratios to par stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.measures import Format, find
from grader.records import CaseGroup, Measured, Result
from grader.results.differences import Meaning, meaning_of
from grader.text import shown_name
from reports.numbers import interval_text, measure_name, value_text

FIGURES = (
    "speed_ratio",
    "latency_seconds",
    "throughput_per_second",
    "memory_ratio",
    "peak_memory_bytes",
    "train_seconds",
)
OF_THE_MACHINE = (Format.SECONDS, Format.BYTES, Format.RATE)
SAYS: dict[Meaning, str] = {
    "same": "the same",
    "within the intervals": "no more than chance",
    "not known": "one sample each: not known",
}
MOST_CASES = 12
RIGHT = "pass"


@dataclass(frozen=True)
class Change:
    """One figure of both attempts."""

    name: str
    before: str
    now: str
    says: str
    kind: str  # "better", "worse", or empty where nothing is claimed


@dataclass(frozen=True)
class Changes:
    """What a page says about the attempt before."""

    figures: list[Change]
    cases: list[str]  # what came out differently, in words
    is_other_machine: bool

    def __bool__(self) -> bool:
        return bool(self.figures or self.cases)


def changes_between(before: Result, now: Result) -> Changes:
    """Return what is another in an attempt than in the one before it."""
    is_other = before.machine.id != now.machine.id
    figures = []
    for key in (now.metric_key, *FIGURES):
        one = before.measurements.get(key)
        other = now.measurements.get(key)
        if one is None or other is None:
            continue
        if is_other and find(key, other.unit).format in OF_THE_MACHINE:
            continue
        figures.append(change_of(key, one, other))
    return Changes(figures, list(changed_cases(before, now))[:MOST_CASES], is_other)


def change_of(key: str, before: Measured, now: Measured) -> Change:
    meaning = meaning_of(key, before, now)
    kind = ""
    if meaning == "differs":
        kind = "better" if is_better(key, before, now) else "worse"
    says = kind or SAYS[meaning]
    return Change(
        measure_name(key), with_interval(key, before), with_interval(key, now), says, kind
    )


def is_better(key: str, before: Measured, now: Measured) -> bool:
    """Whether a figure moved to the side that is better."""
    is_more = now.value > before.value
    return is_more != (find(key, now.unit).better == "lower")


def with_interval(key: str, measured: Measured) -> str:
    """Return a figure with its interval, if it has one."""
    interval = interval_text(key, measured)
    return f"{value_text(key, measured)} ({interval})" if interval else value_text(key, measured)


def changed_cases(before: Result, now: Result) -> Iterator[str]:
    """Yield the groups of cases that came out differently, those that are right now first."""
    old = {(group.function, group.group): group for group in before.cases}
    both = [(group, old.get((group.function, group.group))) for group in now.cases]
    changed = [(group, was) for group, was in both if was is not None]
    for group, was in changed:
        if group.status == RIGHT != was.status:
            yield f"{called(group)}: right now"
    for group, was in changed:
        if was.status == RIGHT != group.status:
            yield f"{called(group)}: wrong now, and right before"


def called(group: CaseGroup) -> str:
    return f"{shown_name(group.called)}, {shown_name(group.group)}"
