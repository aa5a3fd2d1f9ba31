"""A copy of a class while its page runs: what is in it belongs together.

What points at something is copied before what it points at. Nothing that a row or a line names is
removed while the page runs, so it is still there when its turn comes; `grader forget` alone removes
it, and a copy that it ran into is refused as not whole. First comes the database, by SQLite's own
backup (https://www.sqlite.org/backup.html), as of one moment; then the journal, then results and
all the rest, uploads last. An upload that came in meanwhile is in the copy without a row, and is
found by its receipt when a page starts on the copy, as after a kill.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

from filelock import FileLock

from grader.classroom.journal import JOURNAL_FILE
from grader.errors import GraderError, UsageError
from grader.host.ownership import remove_tree
from grader.server.database import Database
from grader.server.settings import Settings
from grader.server.uploads import Upload, members_of, path_of, stored_uploads

PARTIAL = ".partial"
LOCK = ".lock"
LOCK_SECONDS = 20.0
RESULTS = "results"
PRIVATE = 0o700  # the copy holds what cookies are signed with


def back_up(settings: Settings, target: Path) -> int:
    """Copy a class to a new folder, and return how many uploads are in the copy.

    Results lie in the copy's folder `results`, wherever they lie here. Raises UsageError where no
    copy can be put, or no page has run; GraderError if the copy could not be made whole. Then
    nothing is at `target`.
    """
    target = target.resolve()
    refuse_target(settings, target)
    half = target.with_name(f".{target.name}{PARTIAL}")
    try:
        # Of a copy that was killed.
        remove_tree(half)
        half.mkdir(PRIVATE, parents=True)
        count = fill(settings, Settings(half, half / RESULTS))
        half.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise GraderError(f"cannot copy {settings.course} to {target}: {error}") from None
    finally:
        remove_tree(half)
    return count


def refuse_target(settings: Settings, target: Path) -> None:
    """Raise UsageError unless a copy can be put there."""
    if not settings.database.is_file():
        raise UsageError(f"{settings.course} holds no hand-in page: {settings.database} is missing")
    for folder in (settings.course, settings.results):
        if target.is_relative_to(folder):
            raise UsageError(f"--backup: {target} is inside {folder}; name a folder outside of it")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"--backup: {target} exists already; name a folder that is not there yet")


def fill(here: Settings, there: Settings) -> int:
    """Copy everything, in the order that the module's text gives reasons for."""
    there.folder.mkdir(PRIVATE)
    copy_database(here.database, there.database)
    journal = here.course / JOURNAL_FILE
    if journal.is_file():
        with FileLock(f"{journal}{LOCK}", timeout=LOCK_SECONDS):
            shutil.copy2(journal, there.course / journal.name)
    # The pages of the site are made anew when grading starts.
    copy_folder(here.course, there.course, (journal, here.folder, here.results))
    if here.results.is_dir():
        copy_folder(here.results, there.results)
    if here.secret.is_file():
        shutil.copy2(here.secret, there.secret)
    if here.uploads.is_dir():
        copy_folder(here.uploads, there.uploads)
    return look_after(there)


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as of one moment, while others write to it."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


def copy_folder(source: Path, target: Path, left_out: Collection[Path] = ()) -> None:
    """Copy a folder. What has gone meanwhile is left out, as are locks and what is half written."""
    target.mkdir(exist_ok=True)
    for path in sorted(source.iterdir()):
        is_ours = path.name.startswith(PARTIAL) or path.suffix == LOCK
        if is_ours or path in left_out:
            continue
        # It may be renamed or removed between being listed and being read.
        with suppress(FileNotFoundError):
            if path.is_dir() and not path.is_symlink():
                copy_folder(path, target / path.name, left_out)
            else:
                shutil.copy2(path, target / path.name, follow_symlinks=False)


def look_after(copy: Settings) -> int:
    """Raise GraderError unless every row has its whole upload; return how many uploads there are.

    An upload that was refused while it was copied was removed here, and has no row: it goes.
    """
    database = Database(copy.database)
    rows = {row["id"] for row in database.rows("SELECT id FROM uploads")}
    database.close()
    whole = set()
    for upload in stored_uploads(copy.uploads):
        if size_of(upload, copy.uploads) == upload.bytes:
            whole.add(upload.id)
    lost = sorted(rows - whole)
    if lost:
        raise GraderError(
            f"the copy is not whole: {len(lost)} uploads that the database names are not on the "
            f"disk, or are shorter than their receipts say (such as {lost[0]}). If somebody was "
            "forgotten meanwhile, copy again"
        )
    if copy.uploads.is_dir():
        for folder in copy.uploads.iterdir():
            if folder.name not in whole:
                remove_tree(folder)
    return len(whole)


def size_of(upload: Upload, uploads: Path) -> int:
    """Return how many bytes of an upload are on the disk."""
    paths = [path for path, _ in members_of(upload, uploads)] or [path_of(upload, uploads)]
    size = 0
    for path in paths:
        with suppress(OSError):
            size += os.stat(path, follow_symlinks=False).st_size
    return size
