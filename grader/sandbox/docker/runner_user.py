"""The user of a box's runner: a number that no other box of this machine has at the time.

The kernel counts some things by user, whatever container they are in: open files on their way
through sockets, pipes, watched files. With one user for all runners, a box that took all of these
made PyTorch's loaders fail in every other. So each box holds a number of its own while it lives,
and a lock keeps other graders on this computer from taking it as well; the kernel drops the lock
with the process that holds it.

The numbers are those that Linux distributions leave free: below what systemd gives to services, and
below 65,535, beyond which engines that remap users know none.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from grader.errors import SandboxError

FIRST_RUNNER = 60_706
RUNNERS = 478


class RunnerUser:
    """A number that is held until `release`."""

    def __init__(self) -> None:
        """Take a free number.

        SandboxError if all are taken, OSError where temporary files cannot be made.
        """
        for number in random.sample(range(FIRST_RUNNER, FIRST_RUNNER + RUNNERS), RUNNERS):
            lock = lock_of(number)
            try:
                lock.acquire(blocking=False)
            except (Timeout, PermissionError, IsADirectoryError):
                continue  # taken, or a file that another account left
            self.number = number
            self._lock = lock
            return
        raise SandboxError(
            f"all {RUNNERS} users for boxes on this computer are taken; grade fewer submissions at "
            "a time"
        )

    def release(self) -> None:
        """Let others have the number. May be called twice."""
        self._lock.release()


def lock_of(number: int) -> FileLock:
    """Return the lock of a number; any thread may release it."""
    path = Path(tempfile.gettempdir()) / f"grader-runner-{number}.lock"
    return FileLock(path, mode=0o666, thread_local=False)
