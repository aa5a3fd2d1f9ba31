"""One whole NVIDIA GPU for one run: choosing it, seeing that nobody else is on it, and how much
memory a box took.

Theory of operation. The driver's library (NVML) is asked on the host; nothing of it is in a box. A
GPU is used only while no other process computes on it. Before the first box starts, a `GpuMonitor` waits
for that, reads the memory in use (the idle baseline) and from then on samples it in a thread. The
most it saw less the baseline is what the box took, the framework's context included. It is a
sampled figure: what lives shorter than the interval may be missed. It is read before a box of ours
joins. When all boxes are closed, the watch waits until the memory is back at its baseline; what
does not come back refuses the next run. A lock for each GPU keeps the graders of one machine apart.

A frozen process leaves the kernels running that it launched before. So the watch also looks at how
busy the GPU is while every box is still; kernels that end sooner than the driver's own averaging
period pass unseen.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from grader.errors import SandboxError, UsageError
from grader.host.machine import CPU, Gpu, list_gpus, nvml
from grader.records import Failure, Measured, Status

ANY = "gpu"
UUID_PREFIX = "GPU-"
VISIBLE = "CUDA_VISIBLE_DEVICES"
MIB = 1 << 20
SAMPLE_SECONDS = 0.01
POLL_SECONDS = 0.1
RELEASE_SECONDS = 20.0  # what a killed process may take to give its memory back
CLAIM_SECONDS = 4 * 3600
TOLERANCE_BYTES = 64 * MIB  # above the baseline: what still counts as given back
UNNAMED_BYTES = 1024 * MIB  # more than an idle GPU holds; a container may not be told whose it is
QUIET_SECONDS = 1.5  # longer than the driver averages its figure over, which is a second at most
QUIET_READINGS = 5
BUSY_PERCENT = 50  # a kernel that runs on shows as 100, a desktop as much less
SLOWED_BY = {0x08: "its hardware", 0x20: "heat", 0x40: "heat", 0x80: "the power supply"}


@dataclass(frozen=True)
class State:
    """Who is on a GPU at one moment, and how much memory is in use."""

    used_bytes: int
    computing: tuple[int, ...]  # process numbers; empty as well where the driver does not tell
    drawing: tuple[int, ...]  # a desktop's processes: they may stay


def choose(name: str) -> str:
    """Return "cpu", or the UUID of the GPU meant by "gpu" (a free one), "gpu:N" or a UUID (its
    beginning is enough).

    One that another grader has claimed is taken only if no other is free: the run waits for it.
    UsageError where there is no such device; SandboxError where there is no driver, or none of the
    GPUs can be used.
    """
    if name == CPU:
        return CPU
    try:
        found = list_gpus()
    except SandboxError as error:
        raise SandboxError(
            f"--device {name} needs an NVIDIA GPU, but {error}. See whether `nvidia-smi` works, or use --device cpu."
        ) from None
    claimed, reasons = [], []
    for gpu in meant(name, found):
        if gpu.is_split:
            reasons.append(
                f"{label(gpu)} is split by MIG, and only whole GPUs are used: turn MIG off"
            )
        elif is_claimed(gpu.uuid):
            claimed.append(gpu.uuid)
        else:
            why = why_busy(read_state(gpu.uuid))
            if not why:
                return gpu.uuid
            reasons.append(f"on {label(gpu)} {why}")
    if claimed:
        return claimed[0]
    raise SandboxError(f"no GPU is free: {'; '.join(reasons)}. Free one, or use --device cpu.")


def meant(name: str, found: Sequence[Gpu]) -> list[Gpu]:
    """Return the GPUs that a device's name may mean; UsageError where there are none."""
    known = ", ".join(f"gpu:{gpu.index} ({gpu.name}, {gpu.uuid})" for gpu in found) or "no GPU"
    if name == ANY:
        chosen = [gpu for gpu in found if is_visible(gpu)]
        hidden = f" that {VISIBLE}={os.environ[VISIBLE]!r} shows" if VISIBLE in os.environ else ""
        missing = f"there is no GPU{hidden}"
    elif name.startswith(f"{ANY}:") and name.removeprefix(f"{ANY}:").isdecimal():
        chosen = [gpu for gpu in found if gpu.index == int(name.removeprefix(f"{ANY}:"))]
        missing = f"there is no device {name}"
    elif name.startswith(UUID_PREFIX):
        chosen = [gpu for gpu in found if gpu.uuid.startswith(name)]
        missing = f"there is no GPU with the UUID {name}"
        if len(chosen) > 1:
            raise UsageError(
                f"{name} is the beginning of {len(chosen)} UUIDs; this machine has {known}"
            )
    else:
        raise UsageError(
            f"there is no device {name!r}; expected cpu, gpu (a free one), gpu:N or a GPU's whole UUID"
        )
    if not chosen:
        raise UsageError(f"{missing}; this machine has {known}")
    return chosen


def is_visible(gpu: Gpu) -> bool:
    """Whether the grader's own CUDA_VISIBLE_DEVICES, where it is set, leaves this GPU to it: a
    scheduler sets it so.
    """
    if VISIBLE not in os.environ:
        return True
    words = [word.strip() for word in os.environ[VISIBLE].split(",")]
    return any(
        word == str(gpu.index) or (word.startswith(UUID_PREFIX) and gpu.uuid.startswith(word))
        for word in words
    )


def label(gpu: Gpu) -> str:
    return f"gpu:{gpu.index} ({gpu.name})"


@cache
def model_name(device: str) -> str:
    """Return what boards call a device: "cpu", or the model of the GPU with this UUID; SandboxError
    if it is gone.
    """
    if device == CPU:
        return CPU
    for gpu in list_gpus():
        if gpu.uuid == device:
            return gpu.name
    raise SandboxError(
        f"there is no GPU with the UUID {device}; `grader machine` lists what the driver shows"
    )


def read_state(uuid: str) -> State:
    """Ask the driver who is on a GPU and how much of its memory is in use."""
    with nvml() as library:
        handle = library.nvmlDeviceGetHandleByUUID(uuid)
        return State(
            int(library.nvmlDeviceGetMemoryInfo(handle).used),
            process_numbers(library, library.nvmlDeviceGetComputeRunningProcesses, handle),
            process_numbers(library, library.nvmlDeviceGetGraphicsRunningProcesses, handle),
        )


def process_numbers(library: Any, ask: Any, handle: Any) -> tuple[int, ...]:
    """Return the process numbers of one of the driver's lists; none where it keeps no such list."""
    try:
        return tuple(int(process.pid) for process in ask(handle))
    except (library.NVMLError_NotSupported, library.NVMLError_NoPermission):
        return ()


def why_busy(state: State, baseline: int | None = None) -> str:
    """Say who or what keeps a GPU from being idle, or return an empty text.

    baseline: bytes in use when it was idle before; without one, only what nobody can explain
    counts.
    """
    if state.computing:
        return f"{named(state.computing)} computes"
    if state.drawing:
        return ""  # a desktop's memory comes and goes
    most = UNNAMED_BYTES if baseline is None else baseline + TOLERANCE_BYTES
    if state.used_bytes <= most:
        return ""
    held = f"{state.used_bytes // MIB} MiB are in use and the driver names no process"
    return held if baseline is None else f"{held}; it was {baseline // MIB} MiB before the last run"


def named(pids: Sequence[int]) -> str:
    """Return processes for people: number, and name where this user may see it."""
    words = []
    for pid in pids:
        try:
            words.append(f"process {pid} ({psutil.Process(pid).name()})")
        except psutil.Error:
            words.append(f"process {pid} (out of sight from here)")
    return ", ".join(words)


def claim(uuid: str) -> FileLock:
    """Return the lock of one GPU that a grader holds for a whole run."""
    return FileLock(Path(tempfile.gettempdir()) / f"grader-gpu-{uuid}.lock", mode=0o666)


def is_claimed(uuid: str) -> bool:
    """Whether another grader has this GPU at the moment."""
    try:
        with claim(uuid).acquire(timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def claimed(device: str) -> Iterator[None]:
    """Keep other graders off the GPU with this UUID; does nothing for "cpu". Waits for the one that
    has it.
    """
    if device == CPU:
        yield
        return
    try:
        lock = claim(device).acquire(timeout=CLAIM_SECONDS)
    except Timeout:
        raise SandboxError(
            f"another grader has had GPU {device} for {CLAIM_SECONDS // 3600} hours"
        ) from None
    with lock:
        yield


class GpuMonitor:
    """The memory of one GPU from an idle moment on. Close it after the boxes, from the same
    thread.
    """

    _idle_bytes: dict[str, int] = {}  # noqa: RUF012 - UUID -> the baseline this grader saw last, shared on purpose

    def __init__(self, uuid: str) -> None:
        """Wait until nobody is on the GPU, and begin to sample; SandboxError if somebody stays."""
        self._uuid = uuid
        self._stop = threading.Event()
        self._peak, self._samples = 0, 0
        self._trouble: SandboxError | None = None
        self._open = ExitStack()
        self._open.enter_context(nvml())  # an idle driver may unload between two questions
        try:
            why = self._wait_until_idle(self._idle_bytes.get(uuid))
            if why:
                raise SandboxError(
                    f"GPU {uuid} is not free: {why}. Free it, or use another --device."
                )
            self.baseline_bytes = read_state(uuid).used_bytes
        except BaseException:
            self._open.close()
            raise
        self._idle_bytes[uuid] = self.baseline_bytes
        self._thread = threading.Thread(target=self._sample, name="gpu-watch", daemon=True)
        self._thread.start()

    def _wait_until_idle(self, baseline: int | None) -> str:
        """Return an empty text once the GPU is idle, or why it is not after the time that a release
        may take.
        """
        until = time.monotonic() + RELEASE_SECONDS
        while why := why_busy(read_state(self._uuid), baseline):
            if time.monotonic() >= until:
                return why
            time.sleep(POLL_SECONDS)
        return ""

    def _sample(self) -> None:
        try:
            with nvml() as library:
                handle = library.nvmlDeviceGetHandleByUUID(self._uuid)
                last = False
                while not last:
                    last = self._stop.wait(SAMPLE_SECONDS)  # what is held at the end is always seen
                    self._peak = max(self._peak, int(library.nvmlDeviceGetMemoryInfo(handle).used))
                    self._samples += 1
        except SandboxError as error:
            self._trouble = error

    def peak(self) -> Measured:
        """Stop sampling, and return the most bytes in use above the idle baseline; SandboxError if
        NVML failed.
        """
        self._stop.set()
        self._thread.join()
        if self._trouble is not None or not self._samples:
            raise SandboxError(
                f"the memory of GPU {self._uuid} could not be watched: {self._trouble or 'no sample'}"
            )
        source = f"NVML, above idle, sampled every {SAMPLE_SECONDS * 1000:.0f} ms"
        return Measured(
            value=max(0, self._peak - self.baseline_bytes),
            n=self._samples,
            unit="bytes",
            source=source,
        )

    def refuse_others(self, ours: set[int]) -> None:
        """Raise SandboxError if a process beside `ours` computes on the GPU.

        Numbers that no process here has are of another process namespace, and cannot be told from
        our own boxes'.
        """
        strangers = [
            pid
            for pid in read_state(self._uuid).computing
            if pid not in ours and psutil.pid_exists(pid)
        ]
        if strangers:
            raise SandboxError(
                f"{named(strangers)} computed on GPU {self._uuid} while it was timed; keep it free and run again"
            )

    def left_running(self) -> Failure | None:
        """With every box frozen: return why a result is flagged if the GPU is still busy. Takes two
        seconds.
        """
        time.sleep(QUIET_SECONDS)
        readings = []
        with nvml() as library:
            handle = library.nvmlDeviceGetHandleByUUID(self._uuid)
            for _ in range(QUIET_READINGS):
                try:
                    readings.append(int(library.nvmlDeviceGetUtilizationRates(handle).gpu))
                except library.NVMLError_NotSupported:
                    return None
                time.sleep(POLL_SECONDS)
        if min(readings) < BUSY_PERCENT:
            return None
        return Failure(
            Status.FLAGGED,
            "worked_while_idle",
            f"the GPU was still {min(readings)} % busy {QUIET_SECONDS:.1f} s after the submission was frozen: it left "
            "kernels running when par was to be asked",
        )

    def slowed(self) -> str:
        """Say what slows the GPU's clock at this moment, beside its usual power limit, or return an
        empty text.
        """
        with nvml() as library:
            handle = library.nvmlDeviceGetHandleByUUID(self._uuid)
            try:
                reasons = int(library.nvmlDeviceGetCurrentClocksThrottleReasons(handle))
            except library.NVMLError_NotSupported:
                return ""
        causes = {cause for bit, cause in SLOWED_BY.items() if reasons & bit}
        return f"the GPU was slowed down by {' and '.join(sorted(causes))}" if causes else ""

    def close(self) -> None:
        """Stop, and wait until the memory is back at its baseline; what is not refuses the next
        run.
        """
        self._stop.set()
        self._thread.join()
        with (
            suppress(SandboxError),
            self._open,
        ):  # a driver that no longer answers is told of at the next start
            self._wait_until_idle(self.baseline_bytes)
