"""What one job asks of a node: cores, memory, and a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.course.curriculum import Task
from grader.host.machine import CPU

MIB = 1 << 20
GIB = 1 << 30
HOST_CORES = 1  # asks the questions and watches the clock while boxes answer
TIMED_BOXES = 3  # submission, par and null


@dataclass(frozen=True)
class Lack:
    """What a node lacks, and the command that mends it, to be given on that node."""

    what: str
    command: str


@dataclass(frozen=True)
class Need:
    """The most that a job of a batch may need."""

    cores: int
    memory_bytes: int
    gpus: int

    @classmethod
    def of(cls, tasks: Sequence[Task], device: str) -> Need:
        """Return what covers each of the tasks, at least one."""
        cores = max(task.spec.limits.cores for task in tasks)
        memory = max(memory_of(task) for task in tasks)
        return cls(cores + HOST_CORES, memory, int(device != CPU))

    def lacking(self, cores: int, memory_bytes: int, gpus: int) -> list[Lack]:
        """Return what a node with so much is too small in for even one job."""
        lacks = []
        if cores < self.cores:
            what = f"{self.cores} cores for one job; it has {cores}"
            lacks.append(Lack(what, f"ray start --num-cpus={self.cores}, if it has so many"))
        if memory_bytes < self.memory_bytes:
            what = f"{self.memory_bytes / GIB:.1f} GiB for one job"
            lacks.append(Lack(f"{what}; it has {memory_bytes / GIB:.1f}", "use a larger node"))
        if gpus < self.gpus:
            lacks.append(Lack("a GPU", "ray start --num-gpus=1, if it has one"))
        return lacks

    def jobs(self, cores: int, memory_bytes: int, gpus: int) -> int:
        """Return how many jobs a node with so much can grade at a time."""
        fitting = min(cores // self.cores, memory_bytes // self.memory_bytes)
        return min(fitting, gpus) if self.gpus else fitting


def memory_of(task: Task) -> int:
    """Return the most bytes that the boxes of a task may hold at the same time."""
    boxes = TIMED_BOXES if task.spec.par else 1
    return task.spec.limits.memory_mib * MIB * boxes
