"""Whether a folder can hold results: one file takes another's place in one step, and locks hold.

A result is written into a hidden folder and renamed, and several graders may share a store. Some
network disks rename in several steps or not at all, or hand one lock to two programs. That is found
out before anything runs, with files that are removed again.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from grader.errors import UsageError
from grader.host.ownership import ownership_mark
from grader.results.store import PARTIAL

TRIES = 5  # to make a folder that others, starting at the same time, make and remove, too
ON_A_LOCAL_DISK = (
    "Choose a folder on a local disk with --results, and bring it here afterwards with "
    "`grader results merge`"
)


def require_sound(root: Path) -> None:
    """Raise UsageError if results are not safe in this folder, and say what it lacks."""
    trial = root / f"{PARTIAL}{ownership_mark()}-{secrets.token_hex(4)}"
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    try:
        make_folders(trial)
    except OSError as error:
        raise UsageError(f"{root} cannot hold results: {error.strerror or error}") from None
    try:
        lack = rename_trouble(trial) or lock_trouble(trial)
    finally:
        shutil.rmtree(trial, ignore_errors=True)
        remove_empty(made)
    if lack:
        raise UsageError(f"{root} is not safe for results: {lack}. {ON_A_LOCAL_DISK}")


def make_folders(folder: Path) -> None:
    """Make a folder and what it lies in; another trial may remove the latter in between."""
    for _ in range(TRIES - 1):
        with suppress(FileNotFoundError):
            return folder.mkdir(parents=True)
    folder.mkdir(parents=True)


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders, the innermost first, as far as nobody has put anything there."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def rename_trouble(trial: Path) -> str:
    """Say what is wrong with renaming a folder and with replacing a file; empty if nothing is."""
    written = trial / "written"
    target = trial / "result"
    try:
        written.mkdir()
        (written / "file").write_bytes(b"new")
        written.rename(target)
        (trial / "other").write_bytes(b"newer")
        os.replace(trial / "other", target / "file")
        content = (target / "file").read_bytes()
    except OSError as error:
        return f"it refuses to rename a folder or a file ({error.strerror or error})"
    if content != b"newer" or written.exists():
        return "a renamed file or folder is not at its new place at once"
    return ""


def lock_trouble(trial: Path) -> str:
    """Say what is wrong with locks; empty if nothing is."""
    path = trial / "lock"
    try:
        with FileLock(path).acquire(timeout=0):
            return "" if is_refused(path) else "two programs may hold the same lock there"
    except Timeout:
        return "a lock that nobody holds is refused there"
    except (OSError, NotImplementedError) as error:
        return f"it has no locks ({getattr(error, 'strerror', None) or error})"


def is_refused(path: Path) -> bool:
    """Whether a second lock on a locked file is refused."""
    try:
        with FileLock(path).acquire(timeout=0):
            return False
    except Timeout:
        return True
