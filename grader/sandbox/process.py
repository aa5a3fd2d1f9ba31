"""Tier `process`: a plain process of the same user. It stops accidents, not intent.

Theory of operation: the runner starts in its own session and process group, in a temporary folder
that holds a copy of the submission, with a clean environment and one socket as its standard input.
A control group of its own is used where the system grants one. A thread keeps the first and the
last of what it prints and watches its memory. The end is the end of the whole tree: the group, the
process group, and whatever still carries the box's mark in its environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil

from grader.errors import SandboxError
from grader.host.ownership import make_folder, orphaned_folders, remove_tree, temporary_file_error
from grader.records import Measured, Tier
from grader.sandbox import counters
from grader.sandbox.box import GRACE_SECONDS, Box, Ending, Limits, Sandbox
from grader.sandbox.docker import pagecache
from grader.sandbox.output_log import Printed
from grader.sandbox.wire import Wire

RUNNER = Path(__file__).resolve().parent.parent / "runner"
MARK = "GRADER_BOX"
FOLDER_PREFIX = "grader-box-"
SIGNAL_ROUNDS = 10
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
SAMPLE_SECONDS = 0.05
JOIN = 'for group in $1; do echo $$ > "$group"; done; shift; exec "$@"'


class ProcessSandbox(Sandbox):
    """Makes boxes that are plain processes."""

    tier = Tier.PROCESS

    def warm(self) -> None:
        pagecache.fill()

    def open(self, folder: Path, limits: Limits, *, device: str = "cpu") -> Box:
        return ProcessBox(folder, limits, device)


class ProcessBox(Box):
    """One runner process and its children."""

    tier = Tier.PROCESS

    def __init__(self, folder: Path, limits: Limits, device: str) -> None:
        super().__init__(limits)
        self._submission = folder
        self._device = device
        self._home = make_folder("box")
        self._mark = self._home.name.removeprefix(FOLDER_PREFIX)
        self._group = counters.make_group(self._mark, limits.memory_bytes, limits.processes)
        self._process: subprocess.Popen[bytes] | None = None
        self._printed = Printed()
        self._watcher: threading.Thread | None = None
        self._done = threading.Event()
        self._sampled_peak = 0
        self._over_limit = False
        self._ending: Ending | None = None

    def start(self) -> Wire:
        work = self._home / "work"
        try:
            shutil.copytree(self._submission, work)
            (self._home / "tmp").mkdir()
        except OSError as error:
            raise temporary_file_error("copy the submission into its box", error) from None
        ours, theirs = socket.socketpair()
        settings = {
            "limits": {
                "core": 0,
                "nofile": self.limits.open_files,
                "fsize": self.limits.file_bytes,
            },
            "die_with_parent": os.getpid(),
        }
        command = [sys.executable, "-s", "-P", str(RUNNER / "__main__.py"), json.dumps(settings)]
        if self._group is not None:
            command = ["/bin/sh", "-c", JOIN, "sh", " ".join(self._group.procs_files()), *command]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=work,
                env=self._environment(),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise SandboxError(f"cannot start Python for the submission: {error}") from None
        finally:
            theirs.close()
        assert self._process.stdout is not None
        self._printed.follow(self._process.stdout)
        self._watcher = threading.Thread(target=self._watch, name="box-watcher", daemon=True)
        self._watcher.start()
        return Wire(ours)

    def _environment(self) -> dict[str, str]:
        home = str(self._home)
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return (
            kept
            | self.environment()
            | {
                MARK: self._mark,
                "HOME": home,
                "TMPDIR": str(self._home / "tmp"),
                "XDG_CACHE_HOME": str(self._home / "tmp"),
                "CUDA_VISIBLE_DEVICES": "" if self._device == "cpu" else self._device,
            }
        )

    def inside(self, folder: Path) -> str:
        return str(self._home / "work")

    def _watch(self) -> None:
        """Sample the tree where the kernel keeps no peak, and end a box that outgrows its
        memory.
        """
        assert self._process is not None
        while not self._done.wait(SAMPLE_SECONDS if self._group is None else 10 * SAMPLE_SECONDS):
            if self._group is not None:
                if self._group.oom_kills():
                    self._over_limit = True
                    self._kill()
                continue
            used = sum(resident_bytes(process) for process in self._tree())
            self._sampled_peak = max(self._sampled_peak, used)
            if used > self.limits.memory_bytes:
                self._over_limit = True
                self._kill()

    def _tree(self) -> list[psutil.Process]:
        """Return every living process of this box, also those that left its session."""
        assert self._process is not None
        found = {pid for pid in (self._group.pids() if self._group is not None else [])}
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self._process.pid)
            found |= {root.pid, *(child.pid for child in root.children(recursive=True))}
        processes = []
        for pid in found:
            with contextlib.suppress(psutil.Error):
                processes.append(psutil.Process(pid))
        return processes

    def _kill(self) -> None:
        assert self._process is not None
        tree = self._tree()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for process in tree:
            with contextlib.suppress(psutil.Error):
                process.kill()

    def ending(self) -> Ending:
        if self._ending is None:
            assert self._process is not None
            alive = self._process.poll() is None
            if alive:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.2)
                alive = self._process.poll() is None
            out_of_memory = self._over_limit or (
                self._group is not None and self._group.oom_kills() > 0
            )
            self._kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
            self._ending = Ending(None if alive else self._process.returncode, out_of_memory)
        return self._ending

    def peak_memory(self) -> Measured | None:
        if self._group is not None:
            peak = self._group.peak_bytes()
            if peak is not None:
                return Measured(value=peak, unit="bytes", source=self._group.source)
        if self._process is None:
            return None
        used = sum(high_water_bytes(process) for process in self._tree())
        peak = max(self._sampled_peak, used)
        return Measured(value=peak, unit="bytes", source="process tree, sampled")

    def counts(self) -> counters.Counts | None:
        return self._group.counts() if self._group is not None else None

    def oom_kills(self) -> int:
        return self._group.oom_kills() if self._group is not None else int(self._over_limit)

    def pids(self) -> set[int]:
        return {process.pid for process in self._tree()} | set(marked_processes({self._mark}))

    def cpu_seconds(self) -> float:
        if self._group is not None:
            used = self._group.cpu_seconds()
            if used is not None:
                return used
        total = 0.0
        for process in self._tree():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def log(self) -> str:
        return self._printed.text()

    def last_line(self) -> str:
        return self._printed.last_line()

    def close_log(self) -> None:
        self._printed.close()

    def freeze(self) -> None:
        if self._group is None or not self._group.freeze(True):
            self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._group is None or not self._group.freeze(False):
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """Stop or continue every process, those that left the session included; again until none is
        missed.
        """
        for _ in range(SIGNAL_ROUNDS):
            processes = self._tree()
            known = {process.pid for process in processes}
            for pid in marked_processes({self._mark}):
                with contextlib.suppress(psutil.Error):
                    processes += [psutil.Process(pid)] if pid not in known else []
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
            if number is signal.SIGCONT or all(is_still(process) for process in processes):
                return

    def pin(self, cores: Sequence[int]) -> None:
        if not hasattr(os, "sched_setaffinity"):
            return
        for process in self._tree():
            with contextlib.suppress(psutil.Error, OSError):
                for thread in process.threads():
                    os.sched_setaffinity(thread.id, cores)

    def close(self) -> None:
        self._done.set()
        if self._wire is not None:
            self._wire.close()
        if self._process is not None:
            self.thaw()
            self.ending()
            for pid in marked_processes({self._mark}):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._printed.stop()
        if self._watcher is not None:
            self._watcher.join(GRACE_SECONDS)
        if self._group is not None:
            self._group.remove()
        remove_tree(self._home)


def marked_processes(marks: set[str]) -> list[int]:
    """Return processes that carry a mark of these: also daemons that left their box's session and
    group.
    """
    needles = {f"{MARK}={mark}".encode() for mark in marks}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if needles & set((folder / "environ").read_bytes().split(b"\0")):
                found.append(int(folder.name))
    return found


def is_still(process: psutil.Process) -> bool:
    """Whether a process is stopped or gone."""
    try:
        return process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return True


def resident_bytes(process: psutil.Process) -> int:
    """Return what a process holds in memory now; 0 if it is gone."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def high_water_bytes(process: psutil.Process) -> int:
    """Return the most a process ever held (Linux: VmHWM), or what it holds now."""
    try:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass
    return resident_bytes(process)


def remove_leftovers() -> int:
    """Kill and remove what dead graders left on this computer; returns how many folders. Called
    before a run.

    The engine's containers and volumes are not looked at: see `engine.remove_leftovers`.
    """
    folders = {folder.name.removeprefix(FOLDER_PREFIX): folder for folder in orphaned_folders()}
    boxes = {mark for mark, folder in folders.items() if folder.name.startswith(FOLDER_PREFIX)}
    for _ in range(SIGNAL_ROUNDS if boxes else 0):
        left = marked_processes(boxes)
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            break
    for mark in boxes:
        counters.remove_group(mark)  # a frozen process dies only when this thaws it
    for folder in folders.values():
        remove_tree(folder)
    return sum(not folder.exists() for folder in folders.values())
