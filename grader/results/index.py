"""A cache beside the store: of every result the few values that decide its place on a board.

The files of the store are the truth. On every use each result.json is looked at (inode, times,
size); what is new or changed is read again, what is gone is dropped, and what could not be read is
tried again. So an index that is old, missing, broken or another's is never believed. It lies in the
user's cache, not among the results, and whatever is wrong with it only costs time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from grader.records import Result, Summary

LAYOUT = 3  # of the table below: another number, another file
LOCK_SECONDS = 0.2
NUMBERS = {"total", "value", "created", "seconds"}
COLUMNS = ", ".join(f"{name} {'REAL' if name in NUMBERS else 'TEXT'}" for name in Summary._fields)


def entries(
    root: Path, cache: Path, read: Callable[[Path], Result | str], task_id: str | None = None
) -> tuple[list[Summary], list[str]]:
    """Return a summary of each result below `root` that can be read, and why the others cannot;
    neither is in order.

    cache: the folder for indexes. read: gives the result of a result.json, or says why it cannot be
    read.
    """
    there = dict(stamps(root, task_id))
    with (
        contextlib.suppress(sqlite3.Error, OSError),
        contextlib.closing(opened(root, cache)) as index,
    ):
        where, values = (
            ("WHERE path GLOB ?", (f"{task_id}/*",)) if task_id is not None else ("", ())
        )
        kept: list[Summary] = []
        gone, fresh = [], set(there)
        for row in index.execute(f"SELECT * FROM results {where}", values):
            path = row[0]
            if path not in there:
                gone.append((path,))
            elif there[path] == row[1]:
                kept.append(Summary._make(row))
                fresh.discard(path)
        made, problems = read_all(root, fresh, read)
        if made or gone:
            with (
                contextlib.suppress(sqlite3.Error),
                index,
            ):  # another grader may be writing just the same
                index.executemany(
                    f"INSERT OR REPLACE INTO results VALUES ({','.join('?' * len(Summary._fields))})",
                    made,
                )
                index.executemany("DELETE FROM results WHERE path = ?", gone)
        return kept + made, problems
    return read_all(root, there, read)


def read_all(
    root: Path, paths: Iterable[str], read: Callable[[Path], Result | str]
) -> tuple[list[Summary], list[str]]:
    """Read results; return their summaries, and why the others could not be read. What went away is
    in neither.
    """
    made: list[Summary] = []
    problems: list[str] = []
    for path in paths:
        file = root / path / "result.json"
        try:
            stamp = stamp_of(
                file.stat()
            )  # before it is read: if it changes in between, the next look reads it again
        except OSError:
            continue
        found = read(file)
        if isinstance(found, str):
            problems.append(found)
        else:
            made.append(found.summary(path)._replace(stamp=stamp))
    return made, problems


def opened(root: Path, cache: Path) -> sqlite3.Connection:
    """Open the index of one store, made anew if the file is no index."""
    cache.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:24]
    path = cache / f"{name}-{LAYOUT}.sqlite3"
    for _ in range(2):
        index = sqlite3.connect(path, timeout=LOCK_SECONDS)
        try:
            index.execute(f"CREATE TABLE IF NOT EXISTS results ({COLUMNS}, PRIMARY KEY (path))")
            if [row[1] for row in index.execute("PRAGMA table_info(results)")] == [
                *Summary._fields
            ]:
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
    """Yield "task/result id" of every result below `root`, with what changes when its result.json
    does.
    """
    top = os.fspath(root)
    for task in [task_id] if task_id is not None else folders(top):
        for name in folders(f"{top}/{task}"):
            try:
                found = os.stat(f"{top}/{task}/{name}/result.json")
            except OSError:
                continue
            yield f"{task}/{name}", stamp_of(found)


def stamp_of(found: os.stat_result) -> str:
    """Return what changes when a file does. The second time cannot be set, so no edit hides behind
    an old date.
    """
    return f"{found.st_ino}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_size}"


def folders(path: str) -> list[str]:
    """Return the names in a folder that are not hidden; nothing where there is no folder."""
    try:
        return [name for name in os.listdir(path) if not name.startswith(".")]
    except OSError:
        return []
