"""What the kernel counted for one box: memory, processor time, processes, and limits it met.

Theory of operation. A control group is the only thing that counts a whole box exactly: children,
tmpfs files and shared memory are in its peak, and nobody in the box can reset it. On 50, 300 and
2,048 MiB held in six different ways it was right within 3 % + 8 MiB (`python -m benchmarks
memory`, docs/measure/measuring.md). There are two generations of them:

- cgroup v2 has one tree; each group has all files: `memory.peak`, `cpu.stat`, `cgroup.freeze`.
- cgroup v1 has a tree for each controller, so one group is a folder in each of them:
  `memory.max_usage_in_bytes`, `cpuacct.usage`, `freezer.state`.

`Group` hides the difference. A container has a group made by its engine (`group_of`); for a plain
process the grader makes one below its own where the system allows it (`make_group`). Where none can
be had, the process tree is sampled (process.py) and the figure says so: figures of different
sources are not compared. The files go with the group when the box ends, so they are read once more
before that.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
PREFIX = "grader-"
REMOVE_TRIES = 50
REMOVE_PAUSE_SECONDS = 0.01
TRIAL_BYTES = 64 << 20
FREEZE_SECONDS = 2.0
SLOWED_SECONDS = 0.1  # of throttling: less shows in no figure
V1_CONTROLLERS = ("cpuacct", "cpu", "cpuset", "freezer", "pids")  # beside "memory"


@dataclass(frozen=True)
class Counts:
    """What was counted for one box up to a moment; None where the system does not say."""

    peak_bytes: int | None = None
    oom_kills: int = 0  # processes that the kernel killed for lack of memory
    cpu_seconds: float | None = None
    processes_peak: int | None = None
    processes_refused: int = 0  # how often the limit on processes kept one from being started
    throttled_seconds: float = 0.0  # kept from its cores by a limit on processor time


class Group:
    """One control group, v1 or v2, made before its box and removed when everything in it died."""

    def __init__(
        self, name: str, memory: Path, version: int, others: tuple[Path, ...] = ()
    ) -> None:
        """Describe a group that exists or is about to.

        memory: its folder, with v1 that of the memory controller. others: with v1 the folders of
        its other controllers.
        """
        self.name = name
        self.memory = memory
        self.version = version
        self.folders = (memory, *others)

    @property
    def source(self) -> str:
        """Where the figures come from, as results name it."""
        return f"cgroup v{self.version}"

    def procs_files(self) -> list[str]:
        """Return the files into which a process writes its id to join."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def pids(self) -> list[int]:
        """Return the processes in the group; none if it is gone."""
        with contextlib.suppress(OSError, ValueError):
            return [int(line) for line in (self.memory / "cgroup.procs").read_text().split()]
        return []

    def counts(self) -> Counts:
        """Return everything that was counted so far."""
        return Counts(
            peak_bytes=self.peak_bytes(),
            oom_kills=self.oom_kills(),
            cpu_seconds=self.cpu_seconds(),
            processes_peak=self._number("pids.peak"),
            processes_refused=self._field("pids.events", "max") or 0,
            throttled_seconds=self.throttled_seconds(),
        )

    def peak_bytes(self) -> int | None:
        """Return the most memory the group ever held at a time."""
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        return read_number(self.memory / name)

    def oom_kills(self) -> int:
        """Return how many processes the kernel killed here for lack of memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return read_field(self.memory / name, "oom_kill") or 0

    def cpu_seconds(self) -> float | None:
        """Return the processor time of everything that ever was in the group."""
        if self.version == 2:
            used = read_field(self.memory / "cpu.stat", "usage_usec")
            return None if used is None else used / 1e6
        used = self._number("cpuacct.usage")
        return None if used is None else used / 1e9

    def throttled_seconds(self) -> float:
        """Return how long a limit on processor time kept the group from its cores."""
        if self.version == 2:
            return (read_field(self.memory / "cpu.stat", "throttled_usec") or 0) / 1e6
        return (self._field("cpu.stat", "throttled_time") or 0) / 1e9

    def _number(self, name: str) -> int | None:
        """Return the number in the first file of this name among the group's folders."""
        for folder in self.folders:
            number = read_number(folder / name)
            if number is not None:
                return number
        return None

    def _field(self, name: str, field: str) -> int | None:
        """Return a field of the first file of this name that has it."""
        for folder in self.folders:
            number = read_field(folder / name, field)
            if number is not None:
                return number
        return None

    @property
    def has_freezer(self) -> bool:
        """Whether the group can be frozen from here: its freezer exists and may be written to."""
        found = self._file("cgroup.freeze") or self._file("freezer.state")
        return found is not None and os.access(found, os.W_OK)

    def freeze(self) -> bool:
        """Stop everything in the group; returns whether the kernel says that it stands still.

        The freezer stops a group at once and from outside: unlike SIGSTOP it cannot be undone by
        another process of the box, and a fork that is under way cannot escape it. The kernel takes
        the word before it has stopped everything, so the state is read until it agrees.
        """
        if (path := self._file("cgroup.freeze")) is not None:
            return write_and_wait(path, "1", path.with_name("cgroup.events"), "frozen 1")
        if (path := self._file("freezer.state")) is not None:
            return write_and_wait(path, "FROZEN", path, "FROZEN")
        return False

    def thaw(self) -> bool:
        """Let everything in the group go on; returns whether the kernel took the word."""
        if (path := self._file("cgroup.freeze")) is not None:
            return write_word(path, "0")
        if (path := self._file("freezer.state")) is not None:
            return write_word(path, "THAWED")
        return False

    def pin(self, cores: Sequence[int]) -> bool:
        """Confine everything in the group to these cores; returns whether the kernel took it."""
        path = self._file("cpuset.cpus")
        return path is not None and write_word(path, ",".join(map(str, cores)))

    def _file(self, name: str) -> Path | None:
        """Return the file of this name in the first of the group's folders that has it."""
        for folder in self.folders:
            if (folder / name).exists():
                return folder / name
        return None

    def remove(self) -> None:
        """Remove the group's folders; tries again while the kernel still counts dying processes."""
        for folder in self.folders:
            for _ in range(REMOVE_TRIES):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(REMOVE_PAUSE_SECONDS)


def remarks(counts: Counts, processes: int) -> list[str]:
    """Return the limits that a box met, as predicates: "reached the limit of ...".

    processes: how many the box may have.
    """
    found = []
    if counts.processes_refused:
        found.append(
            f"reached the limit of {processes} processes and threads "
            f"({counts.processes_refused} not started)"
        )
    if counts.throttled_seconds >= SLOWED_SECONDS:
        found.append(
            f"was kept from the processor for {counts.throttled_seconds:.1f} s "
            "by a limit on processor time"
        )
    return found


# Groups that the grader makes for plain processes.


def make_group(name: str, memory_bytes: int, processes: int) -> Group | None:
    """Return a new group limited in memory (no swap) and processes.

    None where the system allows none, which is usual for accounts that are not root.
    """
    makers: list[Callable[[str, int, int], Group | None]] = [make_group_v2, make_group_v1]
    for make in makers:
        with contextlib.suppress(OSError):
            group = make(name, memory_bytes, processes)
            if group is not None:
                return group
    return None


@cache
def group_source() -> str:
    """Return which kind of group this process can make, or an empty text if none.

    Par's figures are kept under this, for figures of different sources do not compare.
    """
    group = make_group(f"try-{os.getpid()}", TRIAL_BYTES, 8)
    if group is None:
        return ""
    group.remove()
    return group.source


def make_group_v2(name: str, memory_bytes: int, processes: int) -> Group | None:
    """Make a group below this process's own, or beside it; None where that is not allowed.

    Beside it, because v2 gives controllers only to groups whose parent has no processes of its
    own: the grader's group usually has one, the grader. Raises OSError.
    """
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
        if not (folder / "memory.peak").exists():  # before Linux 5.19: no peak to read
            folder.rmdir()
            continue
        (folder / "memory.max").write_text(str(memory_bytes))
        write_word(folder / "memory.swap.max", "0")
        write_word(folder / "pids.max", str(processes))
        return Group(name, folder, 2)
    return None


def make_group_v1(name: str, memory_bytes: int, processes: int) -> Group | None:
    """Make a group below this process's own in each hierarchy that can be written.

    The one of memory is needed, the others are taken where they can be had. Raises OSError.
    """
    own = own_path("memory")
    if own is None:
        return None
    folder = CGROUP_ROOT / "memory" / own.lstrip("/") / f"{PREFIX}{name}"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(memory_bytes))
    write_word(folder / "memory.memsw.limit_in_bytes", str(memory_bytes))
    others = []
    for controller in ("cpuacct", "pids", "freezer"):
        path = own_path(controller)
        if path is None:
            continue
        other = CGROUP_ROOT / controller / path.lstrip("/") / f"{PREFIX}{name}"
        with contextlib.suppress(OSError):
            other.mkdir()
            others.append(other)
        if controller == "pids":
            write_word(other / "pids.max", str(processes))
    return Group(name, folder, 1, tuple(others))


def remove_group(name: str) -> None:
    """Kill what an ended grader's group still holds, and remove it from every hierarchy.

    What is frozen dies only once it is thawed, and with v1 the freezer's folder need not be the one
    that lists the process, so all folders are thawed and tried again together.
    """
    folders = folders_of_group(name)
    for _ in range(REMOVE_TRIES if folders else 0):
        for folder in folders:
            kill_all(Group(name, folder, 2 if (folder / "cgroup.events").exists() else 1))
        for folder in folders:
            with contextlib.suppress(OSError):
                folder.rmdir()
        folders = [folder for folder in folders if folder.exists()]
        if not folders:
            break
        time.sleep(REMOVE_PAUSE_SECONDS)


def folders_of_group(name: str) -> list[Path]:
    """Return every folder of this group, whichever version made it.

    The tree is walked instead of guessed at: other groups may come and go meanwhile.
    """
    wanted = f"{PREFIX}{name}"
    found = []
    for root, names, _ in os.walk(CGROUP_ROOT):
        if wanted in names:
            found.append(Path(root, wanted))
    return found


def kill_all(group: Group) -> None:
    """Kill everything in a group, frozen or not."""
    for pid in group.pids():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    group.thaw()


# Groups of others.


def own_path(controller: str) -> str | None:
    """Return this process's path in a v1 controller's hierarchy; "" asks for v2's."""
    return paths_of("self").get(controller)


def group_of(pid: int) -> Group | None:
    """Return the group that an engine made for a process; None where its files are not here.

    With v1 only folders of the same name belong to it. A controller that the engine left out lists
    the process in a group that is shared, with everybody perhaps, and must not be written to.
    """
    paths = paths_of(pid)
    if "memory" in paths:
        memory = CGROUP_ROOT / "memory" / paths["memory"].lstrip("/")
        if not memory.is_dir():
            return None
        others = []
        for controller in V1_CONTROLLERS:
            path = paths.get(controller, "")
            if Path(path).name == memory.name:
                others.append(CGROUP_ROOT / controller / path.lstrip("/"))
        return Group(memory.name, memory, 1, tuple(others))
    memory = CGROUP_ROOT / paths.get("", "").lstrip("/")
    if not (memory / "memory.peak").exists():
        return None
    return Group(memory.name, memory, 2)


def paths_of(pid: int | str) -> dict[str, str]:
    """Return a process's path in each hierarchy, by controller; v2's is under an empty name.

    Nothing if the process has ended or the system has no control groups.
    """
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return {}
    paths: dict[str, str] = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


# The kernel's files.


def write_word(path: Path, word: str) -> bool:
    """Write a word into one of the kernel's files; returns whether it was taken."""
    try:
        path.write_text(word)
    except OSError:
        return False
    return True


def write_and_wait(path: Path, word: str, state: Path, expected: str) -> bool:
    """Write a word and read a state file until one of its lines is as expected.

    False if the kernel refuses the word, or the state does not follow in FREEZE_SECONDS.
    """
    if not write_word(path, word):
        return False
    until = time.monotonic() + FREEZE_SECONDS
    with contextlib.suppress(OSError):
        while time.monotonic() < until:
            if expected in state.read_text().splitlines():
                return True
    return False


def read_number(path: Path) -> int | None:
    """Return the number that a file holds; None if there is none."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def read_field(path: Path, name: str) -> int | None:
    """Return the number behind `name` in a file of "name number" lines; None if there is none."""
    try:
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    except (OSError, ValueError):
        pass
    return None
