"""From what lies in a folder to who handed in what: with a roster, or with a platform's word alone.

It is said at the start of a batch, before anything is graded: who is missing, doubled or unknown,
and what was left out. Nobody is guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal

from grader.classroom.class_folder import ClassFolder
from grader.classroom.course_file import COURSE_FILE
from grader.classroom.matching import match
from grader.intake.hand_ins import HandIn, collect

Which = Literal["all", "last"]


@dataclass
class Arrivals:
    """What is to be graded, and what a person should know before that."""

    hand_ins: list[HandIn] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unmatched: int = 0  # hand-ins that could not be given to anybody on the roster


def arrivals(
    paths: Sequence[Path],
    school: ClassFolder | None,
    *,
    attempts: Which | None = None,
    names: Callable[[HandIn], str] = lambda hand_in: hand_in.path.stem,
) -> Arrivals:
    """Sort what lies in a folder.

    attempts: which of a learner's are graded; all of them where the course counts the best one,
    else the last. names: what the author of a file without a platform is called.
    """
    collected = collect(paths)
    found = Arrivals(collected.hand_ins, collected.remarks())
    zone = None
    which: Which = attempts or "last"
    if school is not None and (school.path / COURSE_FILE).is_file():
        zone = school.course.zone
        if attempts is None and school.course.spec.counts == "best":
            which = "all"
    found.hand_ins = [with_zone(each, zone) for each in found.hand_ins]
    if school is not None:
        matched = match(found.hand_ins, school.roster, names)
        found.hand_ins = matched.hand_ins
        found.unmatched = len(matched.unknown) + len(matched.ambiguous)
        found.remarks += matched.remarks()
    if which == "last":
        found.hand_ins, earlier = only_last(found.hand_ins)
        found.remarks += earlier
    return found


def with_zone(hand_in: HandIn, zone: tzinfo | None) -> HandIn:
    """Return a hand-in whose time has a zone: the course's, or that of this computer."""
    moment = hand_in.submitted_at
    if moment is None or moment.tzinfo is not None:
        return hand_in
    aware = moment.replace(tzinfo=zone) if zone is not None else moment.astimezone()
    return hand_in.model_copy(update={"submitted_at": aware})


def only_last(hand_ins: Iterable[HandIn]) -> tuple[list[HandIn], list[str]]:
    """Return each author's last attempt of those that a platform tells apart, and a remark."""
    by_author: dict[str, list[HandIn]] = defaultdict(list)
    kept = []
    for each in hand_ins:
        if each.submitted_at is None or not each.author:
            kept.append(each)
        else:
            by_author[each.author].append(each)
    left: Counter[str] = Counter()
    for author, theirs in by_author.items():
        kept.append(max(theirs, key=age))
        left[author] = len(theirs) - 1
    remarks = []
    if left.total():
        several = sum(count > 0 for count in left.values())
        remarks.append(
            f"{left.total()} earlier attempts of {several} authors are not graded; --attempts all "
            "grades them too"
        )
    return sorted(kept, key=lambda each: (each.path.name, each.attempt)), remarks


def age(hand_in: HandIn) -> tuple[float, int]:
    moment = hand_in.submitted_at
    return (0.0 if moment is None else moment.timestamp()), hand_in.attempt
