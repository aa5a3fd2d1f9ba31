"""Tier `process`: a plain process of the same user. It stops accidents, not intent.

Theory of operation.

    grader --- socket pair (standard input of the runner) --- runner --- its children
      |  +--- pipe (standard output and error) ---- OutputLog
      +--- watcher thread: memory of the tree, 20 times a second where no control group can be had

The runner starts in its own session and process group, with a clean environment, in a temporary
folder that holds a copy of the submission. It joins a control group of the box's own where the
system allows one, before it becomes Python, so that nothing it does goes uncounted. The kernel
kills it when the grader's thread that started it ends (`die_with_parent`), so that thread has to
outlive the box.

The end is the end of the whole tree. A process may have left the session and its parents, so three
nets are cast: the control group, the descendants, and whatever still carries the box's mark in its
environment (MARK, runner_process.py). A process that has dropped its mark escapes the last one;
only containers stop that. What a killed grader leaves is found by the same mark at the next start
(leftovers.py).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from grader.host.machine import CPU
from grader.records import Measured, Tier
from grader.sandbox import counters
from grader.sandbox.box import GRACE_SECONDS, Box, Limits, Sandbox
from grader.sandbox.docker import pagecache
from grader.sandbox.failures import Ending
from grader.sandbox.leftovers import SIGNAL_ROUNDS, kill_each, marked_processes
from grader.sandbox.runner_process import HeadStart, RunnerProcess
from grader.sandbox.wire import Wire

NO_FREEZER = (
    "this machine has no freezer for boxes: they are stopped by a signal, which a program in them "
    "could undo. Whether they stood still is measured all the same"
)
SAMPLE_SECONDS = 0.05
KERNEL_SAMPLE_SECONDS = 0.5  # where the kernel counts, only kills are looked for
FIRST_LOOK_SECONDS = 0.2


class ProcessSandbox(Sandbox):
    """Makes boxes that are plain processes."""

    tier = Tier.PROCESS

    def __init__(self, early: HeadStart | None = None) -> None:
        """early: what may hold a runner for the first box; a new one is started without it."""
        self._head_start = early or HeadStart()

    def warm(self) -> None:
        pagecache.fill()

    def open(self, folder: Path, limits: Limits, *, device: str = CPU) -> Box:
        return ProcessBox(self._head_start.take(folder, limits, device))


class ProcessBox(Box):
    """One runner process and its children."""

    tier = Tier.PROCESS

    def __init__(self, runner: RunnerProcess) -> None:
        super().__init__(runner.limits)
        self._runner = runner
        self._mark = runner.mark
        self._group = runner.group
        self._watcher: threading.Thread | None = None
        self._done = threading.Event()
        self._sampled_peak = 0
        self._over_limit = False
        self._ending: Ending | None = None

    @property
    def _process(self) -> subprocess.Popen[bytes] | None:
        return self._runner.process

    def start(self) -> Wire:
        """Start the runner on a copy of the submission; returns the wire to it.

        Raises GraderError if there is no room for the copy, SandboxError if Python cannot start.
        """
        self._runner.start()
        assert self._process is not None
        assert self._process.stdout is not None
        self._output.follow(self._process.stdout)
        self._watcher = threading.Thread(target=self._watch, name="box-watcher", daemon=True)
        self._watcher.start()
        return Wire(self._runner.take_socket())

    def inside(self, folder: Path) -> str:
        return str(self._runner.work)

    def _watch(self) -> None:
        """End a box that outgrows its memory; sample the tree where the kernel keeps no peak."""
        pause = SAMPLE_SECONDS if self._group is None else KERNEL_SAMPLE_SECONDS
        while not self._done.wait(pause):
            if self._outgrew_memory():
                self._over_limit = True
                self._kill()

    def _outgrew_memory(self) -> bool:
        if self._group is not None:
            return self._group.oom_kills() > 0
        used = sum(resident_bytes(process) for process in self._tree())
        self._sampled_peak = max(self._sampled_peak, used)
        return used > self.limits.memory_bytes

    def _tree(self) -> list[psutil.Process]:
        """Return every living process of this box, also those that left its session."""
        assert self._process is not None
        found = set(self._group.pids()) if self._group is not None else set()
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self._process.pid)
            found.add(root.pid)
            found.update(child.pid for child in root.children(recursive=True))
        return living(found)

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
            # A runner that closed the wire may need a moment to end by itself, with its own code.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(FIRST_LOOK_SECONDS)
            code = self._process.poll()
            out_of_memory = self._over_limit or self.oom_kills() > 0
            self._kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
            self._ending = Ending(code, out_of_memory)
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
        if self._group is None:
            return None
        return self._group.counts()

    def oom_kills(self) -> int:
        if self._group is None:
            return int(self._over_limit)
        return self._group.oom_kills()

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

    def local_pids(self) -> Iterable[int]:
        if self._group is not None:
            return self._group.pids()
        return [process.pid for process in self._tree()]

    def freezing_remark(self) -> str:
        has_freezer = self._group is not None and self._group.has_freezer
        return "" if has_freezer else NO_FREEZER

    def _freeze(self) -> bool:
        if self._group is not None and self._group.has_freezer:
            return self._group.freeze()
        return self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._group is None or not self._group.thaw():
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> bool:
        """Stop or continue every process of the box, those that left its session included.

        Returns whether that is done. Stopping is repeated until all of them stand still: what is
        forked between the look and the signal is caught in the next round.
        """
        for _ in range(SIGNAL_ROUNDS):
            processes = living(self.pids())
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
            if number is signal.SIGCONT or all(map(is_still, processes)):
                return True
        return False

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
            kill_each(marked_processes({self._mark}))
            self._output.stop()
        if self._watcher is not None:
            self._watcher.join(GRACE_SECONDS)
        self._runner.remove()


def living(pids: Iterable[int]) -> list[psutil.Process]:
    """Return the processes with these numbers that still exist."""
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            found.append(psutil.Process(pid))
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
