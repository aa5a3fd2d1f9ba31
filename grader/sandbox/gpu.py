"""One whole NVIDIA GPU for one run: which one, who else is on it, and what a box took of it.

Theory of operation. The driver's library (NVML) is asked on the host; nothing of it is in a box. A
GPU is used only while no other process computes on it, and a lock for each GPU keeps the graders of
one machine apart. For each run a `GpuMonitor`

1. waits, before the first box starts, until nobody is on the GPU, and reads the memory in use: the
   idle baseline;
2. samples the memory in a thread every 10 ms. The most it saw less the baseline is what the box
   took, the framework's context included. It is read before another box of ours joins. The figure
   is called sampled, because what lives for a shorter time than that may be missed;
3. is asked around the timed phases whether somebody else came (`refuse_others`), and whether
   kernels still run while every box is frozen (`left_running`): freezing a process stops what it
   launches, not what it launched before. Kernels that end before the driver's own averaging period
   of up to a second is over pass unseen;
4. waits, after the boxes are closed, until the memory is back at its baseline: a killed process may
   take seconds to give it back. What does not come back refuses the next run.

Measured by NVML and not in the box, for a submission could reset its framework's own counters. What
of this was confirmed on a real GPU stands in docs/measure/gpu.md.
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
from typing import TYPE_CHECKING, Any

import psutil

from grader.errors import SandboxError, UsageError
from grader.host.machine import CPU, Gpu, list_gpus, nvml
from grader.records import Code, Failure, Measured, Status

if TYPE_CHECKING:
    from filelock import FileLock

ANY = "gpu"
UUID_PREFIX = "GPU-"
VISIBLE = "CUDA_VISIBLE_DEVICES"
MIB = 1 << 20
SAMPLE_SECONDS = 0.01
POLL_SECONDS = 0.1
RELEASE_SECONDS = 20.0  # what a killed process may take to give its memory back
CLAIM_SECONDS = 4 * 3600
TOLERANCE_BYTES = 64 * MIB  # above the baseline: what still counts as given back
# More than an idle GPU holds. In a container the driver may not say whose the memory is.
UNNAMED_BYTES = 1024 * MIB
QUIET_SECONDS = 1.5  # longer than the driver averages its figure over, which is a second at most
QUIET_READINGS = 5
BUSY_PERCENT = 50  # a kernel that runs on shows as 100, a desktop as much less
# Bits of NVML's reasons for a slower clock. Its usual power limit (0x04) is not among them: most
# GPUs meet it whenever they work hard.
SLOWED_BY = {0x08: "its hardware", 0x20: "heat", 0x40: "heat", 0x80: "the power supply"}


@dataclass(frozen=True)
class State:
    """Who is on a GPU at one moment, and how much memory is in use."""

    used_bytes: int
    computing: tuple[int, ...]  # process numbers; empty as well where the driver does not tell
    drawing: tuple[int, ...]  # a desktop's processes: they may stay


def choose(name: str) -> str:
    """Return the device that a name means: "cpu", or the UUID of a GPU.

    name: "cpu", "gpu" (a free one), "gpu:N" (by the driver's number) or a UUID, of which the
    beginning is enough. A GPU that another grader has claimed is taken only if no other is free:
    the run waits for it.

    Raises UsageError where there is no such device, SandboxError where no driver answers or none of
    the GPUs can be used.
    """
    if name == CPU:
        return CPU
    try:
        found = list_gpus()
    except SandboxError as error:
        raise SandboxError(
            f"--device {name} needs an NVIDIA GPU, but {error}. "
            "See whether `nvidia-smi` works, or use --device cpu."
        ) from None
    claimed_ones = []
    reasons = []
    for gpu in meant(name, found):
        if gpu.is_split:
            reasons.append(
                f"{label(gpu)} is split by MIG, and only whole GPUs are used: turn MIG off"
            )
            continue
        if is_claimed(gpu.uuid):
            claimed_ones.append(gpu.uuid)
            continue
        why = why_busy(read_state(gpu.uuid))
        if not why:
            return gpu.uuid
        reasons.append(f"on {label(gpu)} {why}")
    if claimed_ones:
        return claimed_ones[0]
    raise SandboxError(f"no GPU is free: {'; '.join(reasons)}. Free one, or use --device cpu.")


def meant(name: str, found: Sequence[Gpu]) -> list[Gpu]:
    """Return the GPUs that a device's name may mean. Raises UsageError if there are none."""
    known = ", ".join(f"gpu:{gpu.index} ({gpu.name}, {gpu.uuid})" for gpu in found) or "no GPU"
    number = name.removeprefix(f"{ANY}:")
    if name == ANY:
        chosen = [gpu for gpu in found if is_visible(gpu)]
        missing = "there is no GPU"
        if VISIBLE in os.environ:
            missing += f" that {VISIBLE}={os.environ[VISIBLE]!r} shows"
    elif name != number and number.isdecimal():
        chosen = [gpu for gpu in found if gpu.index == int(number)]
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
            f"there is no device {name!r}; expected cpu, gpu (a free one), gpu:N or "
            "a GPU's whole UUID"
        )
    if not chosen:
        raise UsageError(f"{missing}; this machine has {known}")
    return chosen


def is_visible(gpu: Gpu) -> bool:
    """Whether the grader's own CUDA_VISIBLE_DEVICES leaves this GPU to it.

    Schedulers set it, to numbers in the driver's order or to beginnings of UUIDs.
    """
    if VISIBLE not in os.environ:
        return True
    for word in os.environ[VISIBLE].split(","):
        shown = word.strip()
        if shown == str(gpu.index):
            return True
        if shown.startswith(UUID_PREFIX) and gpu.uuid.startswith(shown):
            return True
    return False


def label(gpu: Gpu) -> str:
    """Return what messages call a GPU."""
    return f"gpu:{gpu.index} ({gpu.name})"


@cache
def model_name(device: str) -> str:
    """Return what boards call a device: "cpu", or the model of the GPU with this UUID.

    Raises SandboxError if there is no such GPU.
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
    """Ask the driver who is on a GPU and how much memory is in use. Raises SandboxError."""
    with nvml() as library:
        handle = library.nvmlDeviceGetHandleByUUID(uuid)
        computing = library.nvmlDeviceGetComputeRunningProcesses
        drawing = library.nvmlDeviceGetGraphicsRunningProcesses
        return State(
            used_bytes=int(library.nvmlDeviceGetMemoryInfo(handle).used),
            computing=process_numbers(library, computing, handle),
            drawing=process_numbers(library, drawing, handle),
        )


def process_numbers(library: Any, ask: Any, handle: Any) -> tuple[int, ...]:
    """Return the process numbers of one of the driver's lists; none where it keeps no such list."""
    try:
        return tuple(int(process.pid) for process in ask(handle))
    except (library.NVMLError_NotSupported, library.NVMLError_NoPermission):
        return ()


def why_busy(state: State, baseline: int | None = None) -> str:
    """Say who or what keeps a GPU from being idle, or return an empty text.

    baseline: bytes in use when it was idle before. Without one, only more memory than an idle GPU
    ever holds counts, if no process explains it.
    """
    if state.computing:
        return f"{named(state.computing)} computes"
    if state.drawing:
        return ""  # a desktop's memory comes and goes
    most = UNNAMED_BYTES if baseline is None else baseline + TOLERANCE_BYTES
    if state.used_bytes <= most:
        return ""
    why = f"{state.used_bytes // MIB} MiB are in use and the driver names no process"
    if baseline is not None:
        why += f"; it was {baseline // MIB} MiB before the last run"
    return why


def named(pids: Sequence[int]) -> str:
    """Return processes for people: their numbers, and names where this user may see them."""
    words = []
    for pid in pids:
        try:
            words.append(f"process {pid} ({psutil.Process(pid).name()})")
        except psutil.Error:
            words.append(f"process {pid} (not visible from here)")
    return ", ".join(words)


def claim(uuid: str) -> FileLock:
    """Return the lock of one GPU that a grader holds for a whole run."""
    # Here, because a run on a CPU claims none, and filelock brings the whole of asyncio.
    from filelock import FileLock

    return FileLock(Path(tempfile.gettempdir()) / f"grader-gpu-{uuid}.lock", mode=0o666)


def is_claimed(uuid: str) -> bool:
    """Whether another grader has this GPU at the moment."""
    from filelock import Timeout

    try:
        with claim(uuid).acquire(timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def claimed(device: str) -> Iterator[None]:
    """Keep other graders off the GPU with this UUID; does nothing for "cpu".

    Waits for the one that has it. Raises SandboxError after four hours.
    """
    if device == CPU:
        yield
        return
    from filelock import Timeout

    try:
        lock = claim(device).acquire(timeout=CLAIM_SECONDS)
    except Timeout:
        raise SandboxError(
            f"another grader has used GPU {device} for {CLAIM_SECONDS // 3600} hours; "
            "wait for it or end it, or use another --device"
        ) from None
    with lock:
        yield


class GpuMonitor:
    """The memory of one GPU from an idle moment on. Closed after the boxes, in the same thread."""

    # UUID -> the baseline this grader saw last, shared by all monitors on purpose.
    _idle_bytes: dict[str, int] = {}  # noqa: RUF012

    def __init__(self, uuid: str) -> None:
        """Wait until nobody is on the GPU, and begin to sample.

        Raises SandboxError if somebody stays on it.
        """
        self._uuid = uuid
        self._stop = threading.Event()
        self._peak = 0
        self._samples = 0
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
        self._thread = threading.Thread(target=self._sample, name="gpu-monitor", daemon=True)
        self._thread.start()

    def _wait_until_idle(self, baseline: int | None) -> str:
        """Return an empty text once the GPU is idle, or why it is not after RELEASE_SECONDS."""
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
                is_last = False
                while not is_last:
                    # Sampled once more after the stop: what is held at the end is always seen.
                    is_last = self._stop.wait(SAMPLE_SECONDS)
                    used = int(library.nvmlDeviceGetMemoryInfo(handle).used)
                    self._peak = max(self._peak, used)
                    self._samples += 1
        except SandboxError as error:
            self._trouble = error

    def peak(self) -> Measured:
        """Stop sampling and return the most bytes in use above the idle baseline.

        Asked again it returns the same. Raises SandboxError if NVML failed.
        """
        self._stop.set()
        self._thread.join()
        if self._trouble is not None or not self._samples:
            why = self._trouble or "no sample"
            raise SandboxError(f"the memory of GPU {self._uuid} could not be watched: {why}")
        source = f"NVML, above idle, sampled every {SAMPLE_SECONDS * 1000:.0f} ms"
        return Measured(
            value=max(0, self._peak - self.baseline_bytes),
            n=self._samples,
            unit="bytes",
            source=source,
        )

    def refuse_others(self, ours: set[int]) -> None:
        """Raise SandboxError if a process other than `ours` computes on the GPU.

        Numbers that no process here has belong to another process namespace. They may be those of
        our own boxes, so they are let pass.
        """
        others = set(read_state(self._uuid).computing) - ours
        strangers = sorted(filter(psutil.pid_exists, others))
        if strangers:
            raise SandboxError(
                f"{named(strangers)} computed on GPU {self._uuid} while it was timed; "
                "keep it free and run again"
            )

    def left_running(self) -> Failure | None:
        """With every box frozen: return why a result is flagged if the GPU is still busy.

        Takes two seconds. None as well where the driver does not say how busy the GPU is.
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
            Code.WORKED_WHILE_IDLE,
            f"the GPU was still {min(readings)} % busy {QUIET_SECONDS:.1f} s after the "
            "submission was frozen: it left kernels running when par's turn came",
        )

    def slowed(self) -> str:
        """Say what slows the GPU's clock at this moment, or return an empty text."""
        with nvml() as library:
            handle = library.nvmlDeviceGetHandleByUUID(self._uuid)
            try:
                reasons = int(library.nvmlDeviceGetCurrentClocksThrottleReasons(handle))
            except library.NVMLError_NotSupported:
                return ""
        causes = {cause for bit, cause in SLOWED_BY.items() if reasons & bit}
        if not causes:
            return ""
        return f"the GPU was slowed down by {' and '.join(sorted(causes))}"

    def close(self) -> None:
        """Stop, and wait until the memory is back at its baseline.

        What is still held then refuses the next run. A driver that no longer answers is reported by
        the next run as well.
        """
        self._stop.set()
        self._thread.join()
        with suppress(SandboxError), self._open:
            self._wait_until_idle(self.baseline_bytes)
