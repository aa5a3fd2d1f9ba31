"""What is kept between runs: the folder named in GRADER_CACHE, or the user's cache folder.

Whoever wants to remember a value from one run to the next (hints that were given, answers to
questions, par's figures) calls `keep` and `recall` below, so that the rules are the same for all:

    keep("questions", task.id, memory.model_dump_json())
    memory = recall("questions", task.id, Memory.model_validate_json) or Memory()

A value is one JSON text in `<cache>/<kind>/<key>.json`. It is written to a file of its own and
renamed, so that a reader sees the old value or the new one, and two runs that end together do not
trip over each other; the later one wins. Only the user can read it. What is missing, broken, too
big or of another version counts as nothing remembered: losing a memory may cost time, never a
result. At most MOST_VALUES of a kind are kept; the ones written longest ago go first.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from grader.errors import GraderError

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
MAX_VALUE_BYTES = 1 << 20  # the largest so far, the hints for one submission, have some 20 KiB
MOST_VALUES = 1000
VALUE_SUFFIX = ".json"
ARRAYS_SUFFIX = ".npz"  # of who writes arrays here by `write_whole`
PARTIAL_SUFFIX = ".partial"

T = TypeVar("T")


def cache_path() -> Path:
    """Return the folder in which things are kept between runs. It need not exist yet."""
    named = os.environ.get("GRADER_CACHE")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("dl-grader"))


def cache_folder() -> Path:
    """Return that folder after making it. Raises GraderError if it cannot be made."""
    folder = cache_path()
    with cache_trouble(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def cache_trouble(folder: Path) -> Iterator[None]:
    """Turn an OSError into a GraderError that says what to do about a cache out of reach."""
    try:
        yield
    except OSError as error:
        raise GraderError(
            f"the cache folder {folder} cannot be written: {error.strerror or error}. "
            "Free space there, or name another folder in GRADER_CACHE."
        ) from None


def value_path(kind: str, key: str) -> Path:
    """Return the file in which `keep` puts a value.

    kind, key: letters, digits, dots, dashes and underscores, at most 128; hash anything longer or
    freer, such as a path. Raises ValueError for others.
    """
    for name in (kind, key):
        if not KEY.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a remembered value; expected {KEY.pattern}")
    return cache_path() / kind / f"{key}{VALUE_SUFFIX}"


def recall(kind: str, key: str, read: Callable[[bytes], T]) -> T | None:
    """Return the value that was kept under this kind and key; None if there is none to use.

    read: turns the kept JSON (UTF-8) into the value. A ValueError of its, which pydantic's
    ValidationError and json's JSONDecodeError are, means that nothing is remembered.
    """
    try:
        with value_path(kind, key).open("rb") as file:
            content = file.read(MAX_VALUE_BYTES + 1)
    except OSError:
        return None
    if len(content) > MAX_VALUE_BYTES:
        return None
    try:
        return read(content)
    except ValueError:
        return None


def keep(kind: str, key: str, content: str | bytes) -> None:
    """Remember a value, given as JSON text, in place of the one kept before.

    Raises GraderError if the cache cannot be written, or for content over MAX_VALUE_BYTES, which
    `recall` would not read again.
    """
    if isinstance(content, str):
        content = content.encode()
    if len(content) > MAX_VALUE_BYTES:
        raise GraderError(f"{len(content)} bytes to remember; at most {MAX_VALUE_BYTES} are kept")
    path = value_path(kind, key)
    cache_folder()
    with cache_trouble(path.parent):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, content)
    drop_oldest(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write a private file that is never seen half-written. Raises OSError."""
    descriptor, name = tempfile.mkstemp(suffix=PARTIAL_SUFFIX, prefix=".", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def drop_oldest(folder: Path, most: int | None = None) -> None:
    """Remove the values written longest ago, and what killed runs left, beyond `most`.

    MOST_VALUES unless given. Locks stay.
    """
    files = []
    for path in folder.iterdir():
        if path.suffix in (VALUE_SUFFIX, ARRAYS_SUFFIX, PARTIAL_SUFFIX):
            with suppress(OSError):  # another run removed or renamed it just now
                files.append((path.stat().st_mtime, path))
    files.sort(reverse=True)
    for _, path in files[MOST_VALUES if most is None else most :]:
        with suppress(OSError):
            path.unlink()
