"""Every attempt of an author at a task, in the order in which they were made.

Attempts belong together if author, task, exam version, tier and device are the same: only those can
be compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.records import Status, Summary
from grader.text import same_name
from reports.numbers import MINUS, points_text
from reports.words import VERDICTS

LEAST_CHANGE = 0.05  # points that a page would show


@dataclass(frozen=True)
class Attempt:
    """One attempt as a page links to it."""

    page: str  # from the site's folder
    number: int  # from 1
    says: str  # verdict and points


@dataclass(frozen=True)
class Neighbours:
    """What stands around one attempt."""

    number: int
    count: int
    before: Attempt | None
    after: Attempt | None
    change: str  # since the attempt before, in words; empty without one
    author_page: str
    before_mark: str = ""  # of the run before

    @property
    def mark(self) -> str:
        """Changes whenever a page that shows it has to be made again."""
        return (
            f"{self.number} {self.count} {self.before} {self.after} {self.change} "
            f"{self.before_mark}"
        )


def by_author(summaries: Iterable[Summary]) -> dict[str, list[Summary]]:
    """Return every author's attempts, oldest first. Names that look alike are one author."""
    found: dict[str, list[Summary]] = defaultdict(list)
    for each in sorted(summaries, key=lambda summary: (summary.created, summary.id)):
        found[same_name(each.author)].append(each)
    return found


def comparable(summaries: Sequence[Summary]) -> dict[tuple[str, ...], list[Summary]]:
    """Return one author's attempts by what they can be compared in."""
    found: dict[tuple[str, ...], list[Summary]] = defaultdict(list)
    for each in summaries:
        found[each.task, each.exam_version, each.tier, each.device].append(each)
    return found


def says(summary: Summary) -> str:
    """Return verdict and points of an attempt."""
    word = VERDICTS[Status(summary.status)].text
    return word if summary.total is None else f"{word}, {points_text(summary.total)} points"


def change_between(before: Summary, now: Summary) -> str:
    """Say how an attempt came out beside the one before."""
    if before.total is None or now.total is None:
        return ""
    gain = now.total - before.total
    if abs(gain) < LEAST_CHANGE:
        return "the same points as in the attempt before"
    sign = "+" if gain > 0 else MINUS
    return f"{sign}{points_text(abs(gain))} points since the attempt before"
