"""A cache beside the store: of every result the few values that decide its place on a board.

The files of the store are the truth. On every use each result.json is looked at (inode, times, size); what is new or
changed is read again and what is gone is dropped, so an index that is old, missing, broken or another's is never
believed. It lies in the user's cache, not among the results, and whatever is wrong with it only costs time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from grader.records import Result, Summary

LAYOUT = 2  # of the table below: another number, another file
LOCK_SECONDS = 0.2
COLUMNS = (
    "path TEXT PRIMARY KEY, stamp TEXT, problem TEXT, mark TEXT, task TEXT, id TEXT, exam_version TEXT, tier TEXT, "
    "device TEXT, author TEXT, status TEXT, total REAL, value REAL, created REAL, seconds REAL, framework TEXT, "
    "network TEXT"
)
NAMES = [column.split()[0] for column in COLUMNS.split(", ")]


class Indexed(NamedTuple):
    """One folder of the store: what is in it, or why it could not be read."""

    summary: Summary | None
    problem: str = ""


def entries(root: Path, cache: Path, read: Callable[[Path], Result | str], task_id: str | None = None) -> list[Indexed]:
    """Return one entry a result below `root`, in no order that means anything.

    cache: the folder for indexes. read: gives the result of a result.json, or says why it cannot be read.
    """
    there = dict(stamps(root, task_id))
    with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(opened(root, cache)) as index:
        where, values = ("WHERE path GLOB ?", (f"{task_id}/*",)) if task_id is not None else ("", ())
        known = {row[0]: row for row in index.execute(f"SELECT * FROM results {where}", values)}
        # What could not be read is tried again each time: another version of the grader may have looked at it.
        fresh = {path for path, stamp in there.items() if path not in known or known[path][1:3] != (stamp, "")}
        rows = [made for path in fresh if (made := row_of(root, path, read)) is not None]
        gone = known.keys() - there.keys()
        if rows or gone:
            with contextlib.suppress(sqlite3.Error), index:  # another grader may be writing just the same
                index.executemany(f"INSERT OR REPLACE INTO results VALUES ({','.join('?' * len(NAMES))})", rows)
                index.executemany("DELETE FROM results WHERE path = ?", [(path,) for path in gone])
        kept = [row for path, row in known.items() if path not in fresh and path not in gone]
        return [indexed(row) for row in (*kept, *rows)]
    return [indexed(made) for path in there if (made := row_of(root, path, read)) is not None]


def opened(root: Path, cache: Path) -> sqlite3.Connection:
    """Open the index of one store, made anew if the file is no index."""
    cache.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:24]
    path = cache / f"{name}-{LAYOUT}.sqlite3"
    for _ in range(2):
        index = sqlite3.connect(path, timeout=LOCK_SECONDS)
        try:
            index.execute(f"CREATE TABLE IF NOT EXISTS results ({COLUMNS})")
            if [row[1] for row in index.execute("PRAGMA table_info(results)")] == NAMES:
                return index
        except sqlite3.OperationalError:
            index.close()
            raise
        except sqlite3.DatabaseError:
            pass
        index.close()
        path.unlink(missing_ok=True)
    raise OSError(f"no index could be made of {path}")


def stamps(root: Path, task_id: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield "task/result id" of every result below `root`, with what changes when its result.json does."""
    top = os.fspath(root)
    for task in [task_id] if task_id is not None else folders(top):
        for name in folders(f"{top}/{task}"):
            try:
                found = os.stat(f"{top}/{task}/{name}/result.json")
            except OSError:
                continue
            yield f"{task}/{name}", stamp_of(found)


def stamp_of(found: os.stat_result) -> str:
    """Return what changes when a file does. The second time cannot be set, so no edit hides behind an old date."""
    return f"{found.st_ino}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_size}"


def folders(path: str) -> list[str]:
    """Return the names in a folder that are not hidden; nothing where there is no folder."""
    try:
        return [name for name in os.listdir(path) if not name.startswith(".")]
    except OSError:
        return []


def row_of(root: Path, path: str, read: Callable[[Path], Result | str]) -> tuple[object, ...] | None:
    """Read one result and return its row; None if it went away meanwhile.

    Its stamp is taken before it is read: if it changes in between, the next look reads it again.
    """
    file = root / path / "result.json"
    try:
        stamp = stamp_of(file.stat())
    except OSError:
        return None
    found = read(file)
    if isinstance(found, str):
        return (path, stamp, found, *[None] * (len(NAMES) - 3))
    return (path, stamp, "", *found.summary(path)[2:])


def indexed(row: tuple[object, ...]) -> Indexed:
    """Return a row of the table as an entry."""
    if row[2]:
        return Indexed(None, str(row[2]))
    return Indexed(Summary._make((*row[:2], *row[3:])))
