"""Gradescope: folders `submission_123`, and `submission_metadata.yml` beside them.

The list has a block for each folder, with the submitters (name, e-mail, student's number) and the
time. It is read line by line for these few keys, and never as the objects that such a file may
describe.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from grader.intake.parts import Part, Person

LIST = "submission_metadata.yml"
MOST_BYTES = 64 << 20
FOLDER = re.compile(r"submission_\d{1,19}")
BLOCK = re.compile(r"(?P<name>[^\s:'\"-][^:'\"]*|\"[^\"]+\"|'[^']+'):\s*")
# Only the keys of the block itself: what earlier attempts say is further to the right.
LINE = re.compile(r"(?P<indent> *)(?P<dash>- )?:?(?P<key>[A-Za-z_]+): *(?P<value>.*)")
BLOCK_INDENT = 2
TIMES = ("%Y-%m-%d %H:%M:%S.%f %z", "%Y-%m-%d %H:%M:%S %z")


@dataclass
class Listed:
    """What the list says of one folder."""

    people: list[dict[str, str]] = field(default_factory=list)
    submitted_at: datetime | None = None


def part_of(path: Path) -> Part | None:
    """Return what the list says of a folder."""
    if path.name == LIST:
        return Part(entry=path, key=path.name, people=(), is_receipt=True)
    source = path.parent / LIST
    if not FOLDER.fullmatch(path.name) or not source.is_file():
        return None
    listed = read_list(source, source.stat().st_mtime_ns).get(path.name, Listed())
    people = tuple(person_of(each) for each in listed.people)
    return Part(entry=path, key=path.name, people=people, submitted_at=listed.submitted_at)


def person_of(said: dict[str, str]) -> Person:
    return Person(name=said.get("name", ""), email=said.get("email", ""), id=said.get("sid", ""))


@lru_cache(maxsize=4)
def read_list(source: Path, changed: int) -> dict[str, Listed]:
    """Return the blocks of a list by folder. changed: when it was, so that it is read once."""
    with source.open("rb") as file:
        text = file.read(MOST_BYTES).decode("utf-8-sig", "replace")
    blocks: dict[str, Listed] = {}
    block = Listed()
    is_about_people = False
    for line in text.splitlines():
        if line and not line.startswith((" ", "-", "#")):
            found = BLOCK.fullmatch(line)
            block = Listed()
            is_about_people = False
            if found:
                blocks[found["name"].strip("'\"")] = block
            continue
        is_about_people = take_line(line, block, is_about_people)
    return blocks


def take_line(line: str, block: Listed, is_about_people: bool) -> bool:
    """Add what one line says to its block; returns whether the next one is about people."""
    found = LINE.fullmatch(line)
    if found is None:
        return is_about_people
    indent = len(found["indent"])
    value = plain(found["value"])
    if indent == BLOCK_INDENT and not found["dash"]:
        if found["key"] == "created_at":
            block.submitted_at = moment_of(value)
        return found["key"] == "submitters"
    if is_about_people and found["dash"]:
        block.people.append({})
    if is_about_people and block.people:
        block.people[-1].setdefault(found["key"], value)
    return is_about_people


def plain(value: str) -> str:
    """Return a value without its quotes."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return value


def moment_of(value: str) -> datetime | None:
    """Return a time with its zone; None where it cannot be read as one."""
    value = value.removesuffix("Z").strip() + " +0000" if value.endswith("Z") else value
    for form in TIMES:
        try:
            return datetime.strptime(value, form)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
