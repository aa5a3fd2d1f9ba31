"""The journal of a class: one line for each thing that happened, and lines are only added.

A line is a JSON object with `at` (UTC), `what`, `by` and what belongs to it: the result of a
hand-in, the reason of a regrade, the fingerprint of the rules. Each also holds the hash of the line
before it, so that a line that somebody changed or took out shows. Only `grader forget` writes the
file anew, because the law may ask for it; it says so in a line of its own.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from grader.errors import GraderError

JOURNAL_FILE = "journal.jsonl"
LOCK_SECONDS = 20.0
HASH_DIGITS = 16

Line = dict[str, Any]


@dataclass(frozen=True)
class Journal:
    """The journal at a path; it need not be there yet."""

    path: Path

    def add(self, what: str, **values: Any) -> None:
        """Add one line. Raises GraderError if it cannot be written."""
        self.add_all([{"what": what, **values}])

    def add_all(self, lines: Iterable[Line]) -> None:
        """Add several lines in one step."""
        lines = list(lines)
        if not lines:
            return
        try:
            with FileLock(f"{self.path}.lock", timeout=LOCK_SECONDS):
                before = hash_of(self._last())
                with self.path.open("ab") as file:
                    for values in lines:
                        text = as_line({"at": now(), "by": user(), **values, "after": before})
                        file.write(text)
                        before = hash_of(text)
                    file.flush()
                    os.fsync(file.fileno())
        except (OSError, TimeoutError) as error:
            raise GraderError(f"cannot write to the journal {self.path}: {error}") from None

    def _last(self) -> bytes:
        """Return the last line; empty where there is none."""
        if not self.path.is_file():
            return b""
        lines = self.path.read_bytes().splitlines(keepends=True)
        return lines[-1] if lines else b""

    def lines(self) -> list[Line]:
        """Return every line that can be read, oldest first."""
        if not self.path.is_file():
            return []
        found = []
        for text in self.path.read_bytes().splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict):
                found.append(line)
        return found

    def problems(self) -> list[str]:
        """Return what shows that the journal was changed by other means than adding to it."""
        if not self.path.is_file():
            return []
        before = b""
        for number, text in enumerate(self.path.read_bytes().splitlines(keepends=True), start=1):
            try:
                line = json.loads(text)
            except ValueError:
                line = None
            if not isinstance(line, dict) or line.get("after") != hash_of(before):
                return [f"{self.path}, line {number}: it, or what stood before it, was changed"]
            before = text
        return []

    def rewrite(self, keep: Callable[[Line], bool], **about: Any) -> int:
        """Write the journal anew with the lines to keep, and one that says so.

        Returns how many lines went.
        """
        with FileLock(f"{self.path}.lock", timeout=LOCK_SECONDS):
            lines = self.lines()
            kept = [line for line in lines if keep(line)]
            if len(kept) == len(lines):
                return 0
            before = b""
            content = b""
            for line in [*kept, {"at": now(), "by": user(), **about}]:
                before = as_line(line | {"after": hash_of(before)})
                content += before
            partial = self.path.with_name(f".{self.path.name}-new")
            partial.write_bytes(content)
            partial.replace(self.path)
        return len(lines) - len(kept)


def as_line(values: Line) -> bytes:
    return json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") + b"\n"


def hash_of(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:HASH_DIGITS]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def user() -> str:
    """Return who is at the keyboard, as far as the computer knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def set_aside(lines: Iterable[Line]) -> frozenset[str]:
    """Return the ids of results that no longer count because a regrade took their place."""
    found: set[str] = set()
    for line in lines:
        if line.get("what") == "regrade" and line.get("counts") == "new":
            found.update(map(str, line.get("before", [])))
    return frozenset(found)
