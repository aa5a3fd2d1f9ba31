"""What ended graders left of plain boxes: processes, control groups and folders.

Apart from `process.py`, because every command that grades begins with this, before it needs NumPy.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from grader.host.ownership import orphaned_folders, remove_tree
from grader.sandbox import counters
from grader.sandbox.runner_process import FOLDER_PREFIX, MARK

SIGNAL_ROUNDS = 10


def remove_leftovers() -> int:
    """Kill and remove what ended graders left on this computer; returns how many folders.

    Called before a run. Containers and volumes are left to `engine.remove_leftovers`.
    """
    folders = {folder.name.removeprefix(FOLDER_PREFIX): folder for folder in orphaned_folders()}
    boxes = {mark for mark, folder in folders.items() if folder.name.startswith(FOLDER_PREFIX)}
    for _ in range(SIGNAL_ROUNDS if boxes else 0):
        left = marked_processes(boxes)
        kill_each(left)
        if not left:
            break
    for mark in boxes:
        counters.remove_group(mark)  # it thaws what is frozen, which dies only then
    for folder in folders.values():
        remove_tree(folder)
    return sum(not folder.exists() for folder in folders.values())


def marked_processes(marks: set[str]) -> list[int]:
    """Return the processes with one of these marks in their environment.

    These may be daemons that left their box's session and process group. None without /proc.
    """
    needles = {f"{MARK}={mark}".encode() for mark in marks}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if needles & set((folder / "environ").read_bytes().split(b"\0")):
                found.append(int(folder.name))
    return found


def kill_each(pids: Iterable[int]) -> None:
    """Kill the processes with these numbers, as far as they exist and are ours."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
