"""What the kernel counted for one box: memory, processor time, processes, and where a limit was
met.

A control group of the box's own is used where one can be had: cgroup v1
(`memory.max_usage_in_bytes`) or v2 (`memory.peak`). Where none can, the process tree is sampled,
and the figure says so. The counts go with the group when the box ends, so they are read once more
before that.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
PREFIX = "grader-"
REMOVE_TRIES = 50
TRY_BYTES = 64 << 20
FREEZE_SECONDS = 2.0
SLOWED_SECONDS = 0.1  # of throttling: less shows in no figure


@dataclass(frozen=True)
class Counts:
    """What was counted for one box up to a moment; None where the system does not tell."""

    peak_bytes: int | None = None
    oom_kills: int = 0  # processes that the kernel killed for lack of memory
    cpu_seconds: float | None = None
    processes_peak: int | None = None
    processes_refused: int = 0  # how often the limit on processes kept one from being started
    throttled_seconds: float = (
        0.0  # in which the box was kept from its cores by a limit on processor time
    )


class Group:
    """One control group, v1 or v2. Made before the box starts, removed after everything in it
    died.
    """

    def __init__(
        self, name: str, memory: Path, version: int, others: tuple[Path, ...] = ()
    ) -> None:
        self.name = name
        self.memory = memory
        self.version = version
        self.folders = (memory, *others)

    @property
    def source(self) -> str:
        return f"cgroup v{self.version}"

    def procs_files(self) -> list[str]:
        """Return the files a process writes its id into to join."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def pids(self) -> list[int]:
        with contextlib.suppress(OSError, ValueError):
            return [int(line) for line in (self.memory / "cgroup.procs").read_text().split()]
        return []

    def counts(self) -> Counts:
        """Return everything that was counted so far."""
        return Counts(
            self.peak_bytes(),
            self.oom_kills(),
            self.cpu_seconds(),
            self._number("pids.peak"),
            self._field("pids.events", "max") or 0,
            self.throttled_seconds(),
        )

    def peak_bytes(self) -> int | None:
        return read_number(
            self.memory / ("memory.peak" if self.version == 2 else "memory.max_usage_in_bytes")
        )

    def oom_kills(self) -> int:
        """Return how many processes the kernel killed here for lack of memory."""
        if self.version == 2:
            return read_field(self.memory / "memory.events", "oom_kill") or 0
        return read_field(self.memory / "memory.oom_control", "oom_kill") or 0

    def cpu_seconds(self) -> float | None:
        if self.version == 2:
            used = read_field(self.memory / "cpu.stat", "usage_usec")
            return None if used is None else used / 1e6
        used = self._number("cpuacct.usage")
        return None if used is None else used / 1e9

    def throttled_seconds(self) -> float:
        if self.version == 2:
            return (read_field(self.memory / "cpu.stat", "throttled_usec") or 0) / 1e6
        return (self._field("cpu.stat", "throttled_time") or 0) / 1e9

    def _number(self, name: str) -> int | None:
        """Return the number in the first file of this name; v1 has a folder for each controller."""
        found = (read_number(folder / name) for folder in self.folders)
        return next((number for number in found if number is not None), None)

    def _field(self, name: str, field: str) -> int | None:
        found = (read_field(folder / name, field) for folder in self.folders)
        return next((number for number in found if number is not None), None)

    def freeze(self, still: bool) -> bool:
        """Stop everything in the group, or let it go on; returns whether the kernel did so."""
        for folder in self.folders:
            if (folder / "cgroup.freeze").exists():
                return write_and_see(
                    folder / "cgroup.freeze", str(int(still)), folder / "cgroup.events", still
                )
            if (folder / "freezer.state").exists():
                word = "FROZEN" if still else "THAWED"
                return write_and_see(
                    folder / "freezer.state", word, folder / "freezer.state", still
                )
        return False

    def pin(self, cores: Sequence[int]) -> bool:
        """Let everything in the group run on these cores alone; returns whether the kernel
        took it.
        """
        for folder in self.folders:
            if (folder / "cpuset.cpus").exists():
                with contextlib.suppress(OSError):
                    (folder / "cpuset.cpus").write_text(",".join(map(str, cores)))
                    return True
        return False

    def remove(self) -> None:
        """Remove the group's folders; retries while the kernel still counts dying processes."""
        for folder in self.folders:
            for _ in range(REMOVE_TRIES):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)


def remarks(counts: Counts, processes: int) -> list[str]:
    """Return the limits that a box met, in words. processes: how many it may have."""
    said = []
    if counts.processes_refused:
        said.append(
            f"reached the limit of {processes} processes and threads ({counts.processes_refused} not started)"
        )
    if counts.throttled_seconds >= SLOWED_SECONDS:
        said.append(
            f"was kept from the processor for {counts.throttled_seconds:.1f} s by a limit on processor time"
        )
    return said


def make_group(name: str, memory_bytes: int, processes: int) -> Group | None:
    """Return a fresh group limited in memory (no swap) and processes, or None where the system
    grants none.
    """
    for make in (make_group_v2, make_group_v1):
        with contextlib.suppress(OSError):
            group = make(name, memory_bytes, processes)
            if group is not None:
                return group
    return None


@cache
def group_source() -> str:
    """Return which kind of group this process can make, or an empty text: figures of different
    kinds do not compare.
    """
    group = make_group(f"try-{os.getpid()}", TRY_BYTES, 8)
    if group is None:
        return ""
    group.remove()
    return group.source


def make_group_v2(name: str, memory_bytes: int, processes: int) -> Group | None:
    own = own_path("")
    if own is None or not (CGROUP_ROOT / "cgroup.controllers").exists():
        return None
    parent = CGROUP_ROOT / own.lstrip("/")
    for place in (parent, parent.parent):
        controllers = place / "cgroup.subtree_control"
        if not os.access(place, os.W_OK) or "memory" not in controllers.read_text().split():
            continue
        folder = place / f"{PREFIX}{name}"
        folder.mkdir()
        if (folder / "memory.peak").exists():
            (folder / "memory.max").write_text(str(memory_bytes))
            with contextlib.suppress(OSError):
                (folder / "memory.swap.max").write_text("0")
            with contextlib.suppress(OSError):
                (folder / "pids.max").write_text(str(processes))
            return Group(name, folder, 2)
        folder.rmdir()
    return None


def make_group_v1(name: str, memory_bytes: int, processes: int) -> Group | None:
    own = own_path("memory")
    if own is None:
        return None
    folder = CGROUP_ROOT / "memory" / own.lstrip("/") / f"{PREFIX}{name}"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(memory_bytes))
    with contextlib.suppress(OSError):
        (folder / "memory.memsw.limit_in_bytes").write_text(str(memory_bytes))
    others = []
    for controller in ("cpuacct", "pids", "freezer"):
        path = own_path(controller)
        if path is not None:
            with contextlib.suppress(OSError):
                beside = CGROUP_ROOT / controller / path.lstrip("/") / f"{PREFIX}{name}"
                beside.mkdir()
                others.append(beside)
                if controller == "pids":
                    (beside / "pids.max").write_text(str(processes))
    return Group(name, folder, 1, tuple(others))


def remove_group(name: str) -> None:
    """Kill what a dead grader's group of this name still holds, frozen or not, and remove it from
    every hierarchy.
    """
    wanted = f"{PREFIX}{name}"  # looked for so that groups of others may go meanwhile
    folders = [Path(root, wanted) for root, names, _ in os.walk(CGROUP_ROOT) if wanted in names]
    for _ in range(REMOVE_TRIES if folders else 0):
        for folder in folders:
            group = Group(name, folder, 2 if (folder / "cgroup.events").exists() else 1)
            for pid in group.pids():
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            group.freeze(
                False
            )  # what is frozen dies only once it is thawed, in whatever hierarchy that is
        for folder in folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
        folders = [folder for folder in folders if folder.exists()]
        if not folders:
            break
        time.sleep(0.01)


def own_path(controller: str) -> str | None:
    """Return this process's path in a v1 controller's hierarchy; "" asks for v2."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            return path
    return None


def group_of(pid: int) -> Group | None:
    """Return the group that a process is in, made by somebody else (an engine); None where its
    files are not here.
    """
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return None
    paths: dict[str, str] = {}
    for line in lines:
        _, names, path = line.split(":", 2)
        paths |= {name: path for name in names.split(",")}
    if "memory" in paths:
        memory = CGROUP_ROOT / "memory" / paths["memory"].lstrip("/")
        others = [
            CGROUP_ROOT / name / paths[name].lstrip("/")
            for name in ("cpuacct", "cpu", "cpuset", "freezer", "pids")
            if Path(paths.get(name, "")).name
            == memory.name  # else it is somebody else's, or everybody's
        ]
        return Group(memory.name, memory, 1, tuple(others)) if memory.is_dir() else None
    memory = CGROUP_ROOT / paths.get("", "").lstrip("/")
    return Group(memory.name, memory, 2) if (memory / "memory.peak").exists() else None


def write_and_see(path: Path, word: str, state: Path, still: bool) -> bool:
    """Write a freezer's word and wait until its state says so; False if the kernel refuses."""
    try:
        path.write_text(word)
        if not still:
            return True
        until = time.monotonic() + FREEZE_SECONDS
        while time.monotonic() < until:
            said = state.read_text()
            if said.strip() == word or "frozen 1" in said:
                return True
    except OSError:
        pass
    return False


def read_number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def read_field(path: Path, name: str) -> int | None:
    """Return the number behind `name` in a file of "name number" lines."""
    try:
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    except (OSError, ValueError):
        pass
    return None
