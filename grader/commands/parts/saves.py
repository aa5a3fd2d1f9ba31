"""Notice that files are saved, on file systems that tell of it and on those that do not."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from grader.intake.opener.member_names import omission

# File systems on which other computers save too, and nobody tells.
EVENTLESS = ("nfs", "nfs4", "cifs", "smb3", "9p", "vboxsf", "fuse.sshfs", "drvfs", "virtiofs")
MOUNTS = Path("/proc/self/mounts")
STOP_MS = 100
QUIET_MS = 50  # after the last change: editors write a file in several steps
POLL_MS = 500
END_SECONDS = 5
MOST_NAMES = 3


@contextlib.contextmanager
def saves(path: Path, saved: Callable[[str], None], *, poll: bool) -> Iterator[None]:
    """Give the names of what was saved to `saved`, from a thread, while this is open.

    path: a folder, with everything in it, or one file. poll: look at the files, twice a second,
    instead of waiting to be told.
    """
    import watchfiles

    stop = threading.Event()
    is_whole_folder = path.is_dir()

    def follow() -> None:
        # A file is watched through its folder: many editors replace it by a new one.
        changes = watchfiles.watch(
            path if is_whole_folder else path.parent,
            stop_event=stop,
            debounce=2 * QUIET_MS,
            step=QUIET_MS,
            rust_timeout=STOP_MS,
            force_polling=poll or None,
            poll_delay_ms=POLL_MS,
            recursive=is_whole_folder,
            raise_interrupt=False,
        )
        for found in changes:
            saved_files = [Path(name) for _, name in found]
            names = {each.name for each in saved_files if is_of_solution(each, path)}
            if not is_whole_folder:
                names &= {path.name}
            if names:
                saved(", ".join(sorted(names)[:MOST_NAMES]))

    thread = threading.Thread(target=follow, name="saves", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(END_SECONDS)


def is_of_solution(saved_file: Path, watched: Path) -> bool:
    """Whether a file is part of what is watched, and nothing that the grader or a system wrote."""
    folder = watched if watched.is_dir() else watched.parent
    try:
        parts = saved_file.relative_to(folder).parts
    except ValueError:  # the folder itself was reached by a link
        parts = (saved_file.name,)
    return omission(parts) is None


def why_poll(path: Path) -> str | None:
    """Return why a path has to be looked at: its file system tells of no changes; else None."""
    try:
        lines = MOUNTS.read_text("utf-8").splitlines()
    except OSError:
        # Only Linux has such a list; elsewhere the system tells of changes.
        return None
    kind = file_system_of(path.resolve(), lines)
    if kind not in EVENTLESS:
        return None
    return f"{path} is on {kind}, which does not report every change"


def file_system_of(path: Path, mounts: Iterable[str]) -> str:
    """Return the kind of file system that a path is on: that of the deepest mount above it."""
    found = ""
    depth = 0
    for line in mounts:
        parts = line.split()
        if len(parts) < 3:
            continue
        point = Path(parts[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= depth:
            found = parts[2]
            depth = len(point.parts)
    return found
