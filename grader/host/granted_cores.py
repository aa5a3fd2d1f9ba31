"""The cores that a scheduler granted, where it counts them and does not say which.

Slurm without its affinity plugin, and Ray, promise a job a number of cores and let it run on all.
Two jobs on one computer would then pin their boxes to the same cores. So each takes locks on as
many cores as it was granted, and keeps to those.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from grader.host.machine import usable_cores


def granted_by_slurm() -> int | None:
    """Return how many cores Slurm granted on this computer; None outside of its jobs."""
    text = os.environ.get("SLURM_CPUS_ON_NODE", "")
    return int(text) if text.isdecimal() and int(text) > 0 else None


def keep_to_grant() -> list[FileLock]:
    """Keep this thread, and what it starts, to as many cores as Slurm granted; see keep_to_cores"""
    granted = granted_by_slurm()
    return keep_to_cores(granted) if granted is not None else []


def release(locks: list[FileLock]) -> None:
    """Give the cores back to other jobs."""
    for lock in locks:
        lock.release()


def keep_to_cores(count: int) -> list[FileLock]:
    """Keep this thread, and what it starts, to `count` cores that no other job of ours has.

    Returns the locks: they hold until they are released, or nobody refers to them. None are taken
    where the system pins nothing, where no more than `count` cores may be used anyhow, or where
    others have so many that too few are left; then all stay usable.
    """
    cores = usable_cores()
    if len(cores) <= count or not hasattr(os, "sched_setaffinity"):
        return []
    locks: list[FileLock] = []
    taken: set[int] = set()
    for core in cores:
        lock = FileLock(Path(tempfile.gettempdir()) / f"grader-core-{core}.lock", mode=0o666)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        locks.append(lock)
        taken.add(core)
        if len(taken) == count:
            os.sched_setaffinity(0, taken)
            return locks
    for lock in locks:
        lock.release()
    return []
