"""Which grader made a thing that outlives a kill, and whether that grader still lives.

Theory of operation. Boxes, working folders and half-written results carry the mark of the process
that made them: `<pid>-<began>-<place>`. `began` tells a process from a later one with the same
number, whether the computer was started again or its clock was set. `place` is the computer and the
process numbers that are seen there: folders and engines may be shared by several computers or
containers, and a process number from another place means nothing here. Whoever starts next removes
what is marked by the dead of its own place, and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from grader.errors import GraderError

MARK = re.compile(r"(?P<pid>[0-9]+)-(?P<began>[0-9a-f]{8})-(?P<place>[0-9a-f]{6})")
PREFIX = "grader-"
MACHINE_ID = Path("/etc/machine-id")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PID_NAMESPACE = Path("/proc/self/ns/pid")
STATE, START = 0, 19  # fields of /proc/<pid>/stat, counted behind the name in brackets
ENDED = "ZX"  # states of a process that nobody has asked about yet


def ownership_mark() -> str:
    """Return the mark of this process."""
    pid = os.getpid()
    return f"{pid}-{began(pid)}-{place()}"


def is_orphaned(text: str) -> bool:
    """Whether `text` holds the mark of a process of this place that has ended; False where that
    can't be known.
    """
    found = MARK.search(text)
    if found is None or found["place"] != place():
        return False
    pid = int(found["pid"])
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # there, and somebody else's
    return began(pid) not in (found["began"], None)


def began(pid: int) -> str | None:
    """Return 8 digits for the moment at which a process began: "" if it has ended, None if that
    can't be seen.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if fields[STATE] in ENDED:
            return ""
        moment = f"{boot()} {fields[START]}"
    except (OSError, IndexError):
        # only where there is no /proc: a command that reads a store starts sooner without it
        import psutil

        try:
            moment = str(psutil.Process(pid).create_time())
        except psutil.Error:
            return None
    return hashlib.sha256(moment.encode()).hexdigest()[:8]


@cache
def boot() -> str:
    """Return what changes whenever the computer is started."""
    with suppress(OSError):
        return BOOT_ID.read_text().strip()
    return ""


@cache
def place() -> str:
    """Return 6 digits that are the same for all processes that see each other by their numbers."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(MACHINE_ID.read_text())
    with suppress(OSError):
        parts.append(os.readlink(PID_NAMESPACE))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:6]


def make_folder(kind: str) -> Path:
    """Return a fresh private folder in the temporary one, `grader-<kind>-<mark>-<random>`;
    GraderError if it can't be.

    What a kill leaves of it is found by its name.
    """
    try:
        return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-{ownership_mark()}-"))
    except OSError as error:
        raise temporary_file_error("make a folder for temporary files", error) from None


@contextmanager
def temporary_folder(kind: str) -> Iterator[Path]:
    """Give such a folder and remove it afterwards."""
    folder = make_folder(kind)
    try:
        yield folder
    finally:
        remove_tree(folder)


def remove_tree(folder: Path) -> None:
    """Remove a folder with everything in it, also what somebody took the permissions from. Links
    are not followed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if folder.is_symlink() or not folder.is_dir():
        return
    with suppress(OSError):
        folder.chmod(0o700)
    for root, names, _ in os.walk(folder):
        for path in (Path(root, name) for name in names):
            if not path.is_symlink():
                with suppress(OSError):
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def orphaned_folders(kind: str = "*") -> list[Path]:
    """Return the temporary folders of one kind, or of all, whose grader has ended."""
    with suppress(OSError):
        return [
            path
            for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}{kind}-*")
            if is_orphaned(path.name)
        ]
    return []


def temporary_file_error(doing: str, error: OSError) -> GraderError:
    """Put into words that the system refuses a temporary file."""
    reason = error.strerror or str(error)
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        reason = str(error.args[0][-1][-1])  # of many files, the last one's
    where = f" ({error.filename})" if error.filename else ""
    return GraderError(
        f"cannot {doing}: {reason}{where}. Free space there, or name another folder for temporary files in TMPDIR."
    )
