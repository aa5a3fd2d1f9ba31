"""What lies in a folder of submissions: one hand-in for each learner and attempt, and what is none.

Learning platforms put who, when and which attempt into the names of files and folders, each in its
own way (grader/intake/platforms/, one file each). A learner may have handed in several files, which
belong together, and several attempts, which do not. Beside them lie receipts, lists and leftovers
of operating systems, which nobody handed in.

Names are read and nobody is guessed: where a platform is recognised, it has to explain at least
half of what lies there, or its pattern is a coincidence. Which person of a roster a name belongs to
is settled elsewhere (grader/classroom/matching.py).
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from types import ModuleType

from grader.intake import platforms
from grader.intake.names import display_name
from grader.intake.parts import Part, Person
from grader.records import Code, Record
from grader.text import same_name

NOT_SUBMISSIONS = (".", "__MACOSX")  # how the names of hidden files and of leftovers begin
LEFTOVERS = {"thumbs.db", "desktop.ini", "icon\r", "ehthumbs.db"}
# Nobody hands in a network as one of these: receipts, lists of grades, metadata, remarks, links.
NO_SUBMISSION_SUFFIXES = {
    ".csv",
    ".htm",
    ".html",
    ".json",
    ".log",
    ".md",
    ".ods",
    ".rst",
    ".toml",
    ".tsv",
    ".txt",
    ".url",
    ".webloc",
    ".xls",
    ".xlsx",
    ".yaml",
    ".yml",
}
SHOWN_LEFT_OUT = 8
PartOf = Callable[[Path], Part | None]
RESUBMITTED = re.compile(r"^(?P<stem>.+)-(?P<number>\d{1,3})(?P<suffix>\.[^.]*)$")


class NotSent(Record):
    """Why a hand-in is refused before it travels to another computer, which gets only its names."""

    why: str
    code: Code
    sha256: str


class HandIn(Record):
    """One attempt of one learner or team: where it lies, and what its names say.

    people: nobody where no platform was recognised. members: (path, name) of each file that makes
    up the submission; none where `path` itself is the submission. A name may have folders in it.
    task_id: the task that it was handed in for, where whoever took it in knows; else empty.
    """

    path: Path
    author: str = ""  # empty: the name of what lies at `path` says it
    people: tuple[Person, ...] = ()
    members: tuple[tuple[Path, str], ...] = ()
    submitted_at: datetime | None = None
    is_late: bool = False
    attempt: int = 0  # from 1; 0: not known
    platform: str = ""
    task_id: str = ""
    not_sent: NotSent | None = None

    @property
    def file(self) -> str:
        """What lies in the folder, for people."""
        more = len(self.members) - 1
        name = display_name(self.path.name)
        return f"{name} and {more} more" if more > 0 else name


@dataclass
class Collected:
    """The content of a folder, sorted."""

    hand_ins: list[HandIn] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # names of what nobody handed in
    platform: str = ""

    def remarks(self) -> list[str]:
        """Return what a person should know before anything is graded."""
        if not self.left_out:
            return []
        shown = ", ".join(self.left_out[:SHOWN_LEFT_OUT])
        more = len(self.left_out) - SHOWN_LEFT_OUT
        also = f" and {more} more" if more > 0 else ""
        return [f"left out, because they are no submissions: {shown}{also}"]


def collect(paths: Sequence[Path]) -> Collected:
    """Sort what lies in a folder into hand-ins and the rest.

    paths: all of one folder. Attempts of one author come oldest first.
    """
    found = Collected()
    candidates = []
    for path in sorted(paths, key=lambda each: each.name):
        if is_no_submission(path) and part_by_any(path) is None:
            found.left_out.append(display_name(path.name))
        else:
            candidates.append(path)
    name, part_of = platform_of(candidates)
    found.platform = name
    parts = []
    for path in candidates:
        part = part_of(path) if name else None
        if part is not None:
            parts.append(part)
        elif is_no_submission(path):
            found.left_out.append(display_name(path.name))
        else:
            found.hand_ins.append(HandIn(path=path))
    found.left_out += [display_name(each.entry.name) for each in parts if each.is_receipt]
    found.hand_ins += grouped([each for each in parts if not each.is_receipt], name)
    found.hand_ins.sort(key=lambda each: (each.path.name, each.attempt))
    return found


def is_no_submission(path: Path) -> bool:
    """Whether something is a receipt, a list or a leftover, or was written by the grader itself."""
    name = path.name.lower()
    if name.startswith(NOT_SUBMISSIONS) or name in LEFTOVERS:
        return True
    if path.is_symlink():
        return False  # refused by name when it is opened
    if path.is_dir():
        return is_site(path) or is_store(path) or is_class_folder(path)
    return path.suffix.lower() in NO_SUBMISSION_SUFFIXES


def is_site(folder: Path) -> bool:
    return (folder / ".made-from.json").is_file()


def is_store(folder: Path) -> bool:
    return next(folder.glob("*/*/result.json"), None) is not None


def is_class_folder(folder: Path) -> bool:
    return (folder / "course.toml").is_file() and (folder / "roster.csv").is_file()


@cache
def platform_modules() -> dict[str, ModuleType]:
    """Return every platform whose names can be read: file name -> module."""
    names = [each.name for each in pkgutil.iter_modules(platforms.__path__)]
    return {name: importlib.import_module(f"{platforms.__name__}.{name}") for name in sorted(names)}


def part_by_any(path: Path) -> Part | None:
    """Return what some platform reads from a name; None if none does."""
    for module in platform_modules().values():
        part: Part | None = module.part_of(path)
        if part is not None:
            return part
    return None


def no_part(path: Path) -> Part | None:
    return None


def platform_of(paths: Sequence[Path]) -> tuple[str, PartOf]:
    """Return the platform that wrote these names and its reader; an empty name if none did."""
    best = ""
    reader: PartOf = no_part
    most = len(paths) / 2
    for name, module in platform_modules().items():
        explained = sum(module.part_of(path) is not None for path in paths)
        if explained and explained >= most:
            best = name
            reader = module.part_of
            most = explained + 0.5
    return best, reader


def grouped(parts: Sequence[Part], platform: str) -> list[HandIn]:
    """Return one hand-in for each learner and attempt."""
    together: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        moment = part.submitted_at.isoformat() if part.submitted_at is not None else ""
        together[part.key, moment].append(part)
    count: dict[str, int] = defaultdict(int)
    labels: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        labels[same_name(author_of(part.people))].add(part.key)
    found = []
    for (key, _), same in sorted(together.items()):
        count[key] += 1
        made = hand_in_of(same, count[key], platform)
        if len(labels[same_name(made.author)]) > 1:
            made = told_apart(made, key)
        found.append(made)
    return found


def told_apart(hand_in: HandIn, key: str) -> HandIn:
    """Return a hand-in whose author shares a name with another one, with the platform's number."""
    number = key.rpartition("/")[2]
    return hand_in.model_copy(update={"author": display_name(f"{hand_in.author} ({number})")})


def hand_in_of(parts: Sequence[Part], number: int, platform: str) -> HandIn:
    """Return the hand-in that the files of one attempt make up. number: of the attempt, from 1."""
    first = parts[0]
    is_folder = len(parts) == 1 and not first.file
    return HandIn(
        path=first.entry,
        author=author_of(first.people),
        people=first.people,
        members=() if is_folder else tuple(members_of(parts)),
        submitted_at=first.submitted_at,
        is_late=any(part.is_late for part in parts),
        attempt=max(number, *(resubmission(part) for part in parts)),
        platform=platform,
    )


def author_of(people: Sequence[Person]) -> str:
    """Return what the author is called where there is no roster: a platform's own words."""
    names = [person.label for person in people if person.label]
    return display_name(" & ".join(names)) if names else ""


def members_of(parts: Sequence[Part]) -> list[tuple[Path, str]]:
    """Return the files of one attempt with the names that they had when they were handed in.

    A platform that marks a file as handed in again ("solution-1.py") changed its name.
    """
    taken: set[str] = set()
    members = []
    for part in sorted(parts, key=lambda each: each.entry.name):
        name = part.file or part.entry.name
        found = RESUBMITTED.match(name) if part.marks_again else None
        plain = f"{found['stem']}{found['suffix']}" if found else name
        if plain.lower() in taken:
            plain = part.entry.name
        taken.add(plain.lower())
        members.append((part.entry, plain))
    return members


def resubmission(part: Part) -> int:
    """Return which attempt the name of a file says it is; 1 where it says nothing."""
    found = RESUBMITTED.match(part.file) if part.marks_again else None
    return int(found["number"]) + 1 if found else 1
