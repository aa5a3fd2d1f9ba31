"""Timed phases never overlap on one machine: a lock for each device, and one for the cores."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from grader.errors import GraderError
from grader.exams.session import Progress
from grader.host.machine import CPU

LOCK_SECONDS = 3600  # how long a run waits for the timed phases of others


def timing_lock(device: str) -> FileLock:
    """Return the lock that keeps timed phases on one device from overlapping."""
    name = f"grader-timing-{device.replace('/', '_')}.lock"
    return FileLock(Path(tempfile.gettempdir()) / name, mode=0o666)


@contextmanager
def timed_alone(device: str, seconds: float, progress: Progress | None = None) -> Iterator[None]:
    """Wait until no other timed phase runs here, on this device or on the cores it is fed from.

    GraderError if others are not done within `seconds`.
    """
    with ExitStack() as held:
        for name in dict.fromkeys((device, CPU)):
            lock = timing_lock(name)
            with suppress(Timeout):
                held.enter_context(lock.acquire(blocking=False))
                continue
            if progress is not None:
                progress.step("waiting for the timed phase of another grader", seconds)
            try:
                held.enter_context(lock.acquire(timeout=seconds))
            except Timeout:
                raise GraderError(
                    f"waited {seconds:.0f} s for the timed phases of other graders on this "
                    "computer, and gave up; grade again when they are done"
                ) from None
        yield
