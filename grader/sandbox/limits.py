"""What one box may use. Apart from `box.py`, because it is known before NumPy has to be."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.task_file import LimitsTable
from grader.host.machine import usable_cores

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one box may use."""

    memory_bytes: int = 2048 * MIB  # of everything in it together, without swap
    cores: int = 1  # threads that the frameworks are told to use
    processes: int = 128  # and threads
    file_bytes: int = 512 * MIB  # of one file that is written
    open_files: int = 1024  # of one process


def limits_of(table: LimitsTable) -> Limits:
    """Return what a box of a task may use: its limits, and no more cores than there are.

    Two threads on one core spend most of their time waiting for each other.
    """
    cores = min(table.cores, len(usable_cores()))
    return Limits(memory_bytes=table.memory_mib * MIB, cores=cores, processes=table.processes)
