"""Which grader made a thing that outlives a kill, and whether that grader still runs.

Theory of operation. Boxes, working folders and half-written results carry the ownership mark of
the process that made them: `<pid>-<start>-<place>`. `start` tells a process from a later one with
the same number, even after the computer was restarted or its clock was set. `place` stands for the
computer and its process namespace: several computers or containers may share a folder or an engine,
and a process number from another place means nothing here. Each grader removes at its start what is
marked by ended processes of its own place, and nothing else.

The mark is part of the name (of a folder, a file) or a label (of a container, a volume), so that it
exists from the same moment as the thing: a kill at any moment leaves nothing unmarked.
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

MARK = re.compile(r"(?P<pid>[0-9]+)-(?P<start>[0-9a-f]{8})-(?P<place>[0-9a-f]{6})")
PREFIX = "grader-"
MACHINE_ID = Path("/etc/machine-id")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PID_NAMESPACE = Path("/proc/self/ns/pid")

# Fields of /proc/<pid>/stat, counted from the one behind the name in brackets.
STATE_FIELD = 0
START_FIELD = 19
# States of a process that has ended: a zombie keeps its number until its parent asks for it.
ENDED_STATES = "ZX"


def ownership_mark() -> str:
    """Return the mark of this process, `<pid>-<8 hex digits>-<6 hex digits>`."""
    pid = os.getpid()
    return f"{pid}-{start_stamp(pid)}-{place_stamp()}"


def is_orphaned(text: str) -> bool:
    """Whether `text` holds the mark of a process of this place that has ended.

    False where that cannot be known: without a mark, or with one from another place.
    """
    found = MARK.search(text)
    if found is None or found["place"] != place_stamp():
        return False
    pid = int(found["pid"])
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # it exists and belongs to another user
    return start_stamp(pid) not in (found["start"], None)


def start_stamp(pid: int) -> str | None:
    """Return 8 hex digits for the moment at which a process began.

    An empty text if it has ended, None if the system does not show when it began.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if fields[STATE_FIELD] in ENDED_STATES:
            return ""
        moment = f"{boot_id()} {fields[START_FIELD]}"
    except (OSError, IndexError):
        # Imported only where there is no /proc: it would slow the start of every command.
        import psutil

        try:
            moment = str(psutil.Process(pid).create_time())
        except psutil.Error:
            return None
    return hashlib.sha256(moment.encode()).hexdigest()[:8]


@cache
def boot_id() -> str:
    """Return a text that changes whenever the computer starts; empty where there is none."""
    with suppress(OSError):
        return BOOT_ID.read_text().strip()
    return ""


@cache
def place_stamp() -> str:
    """Return 6 hex digits shared by all processes that see each other's process numbers."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(MACHINE_ID.read_text())
    with suppress(OSError):
        parts.append(os.readlink(PID_NAMESPACE))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:6]


def make_folder(kind: str) -> Path:
    """Return a new private folder for temporary files, `grader-<kind>-<mark>-<random>`.

    Raises GraderError if the system refuses it. What a kill leaves of it is found by its name.
    """
    try:
        return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-{ownership_mark()}-"))
    except OSError as error:
        raise temporary_file_error("make a folder for temporary files", error) from None


@contextmanager
def temporary_folder(kind: str) -> Iterator[Path]:
    """Give a folder made by `make_folder`, and remove it afterwards."""
    folder = make_folder(kind)
    try:
        yield folder
    finally:
        remove_tree(folder)


def remove_tree(folder: Path) -> None:
    """Remove a folder with everything in it; links in it are removed and not followed.

    A submission may have taken the permissions from its folders, so they are given back first. What
    still cannot be removed stays, without an error.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if folder.is_symlink() or not folder.is_dir():
        return
    allow_removal(folder)
    for root, names, _ in os.walk(folder):
        for name in names:
            allow_removal(Path(root, name))
    shutil.rmtree(folder, ignore_errors=True)


def allow_removal(folder: Path) -> None:
    """Let this user list and change a folder; does nothing to a link."""
    if not folder.is_symlink():
        with suppress(OSError):
            folder.chmod(0o700)


def orphaned_folders(kind: str = "*") -> list[Path]:
    """Return the temporary folders of one kind, or of all, whose grader has ended."""
    found = []
    with suppress(OSError):
        for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}{kind}-*"):
            if is_orphaned(path.name):
                found.append(path)
    return found


def temporary_file_error(doing: str, error: OSError) -> GraderError:
    """Return the error to raise when the system refuses a temporary file.

    doing: what the grader wanted, as a verb phrase: "copy the submission into its box".
    """
    reason = error.strerror or str(error)
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        # shutil lists every file; the last one's reason will do
        reason = str(error.args[0][-1][-1])
    where = f" ({error.filename})" if error.filename else ""
    return GraderError(
        f"cannot {doing}: {reason}{where}. "
        "Free space there, or name another folder for temporary files in TMPDIR."
    )
