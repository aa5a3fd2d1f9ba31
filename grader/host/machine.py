"""What this computer is, and whether it is quiet enough to time on."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from grader.errors import SandboxError
from grader.records import MachineRecord

# A share of the cores: with more of them busy before anything of ours is timed, a note says so.
# Beside one busy program on two cores a network's ratio to itself spread from 0.965 to 1.061
# (`python -m benchmarks fairness`, docs/measure/measuring.md).
BUSY_LOAD_SHARE = 0.3
CPU = "cpu"
ONE_CORE = "the grader and the submission share the only core"


@dataclass(frozen=True)
class Gpu:
    """One NVIDIA GPU as its driver describes it."""

    index: int  # the driver's number, as nvidia-smi shows it
    uuid: str  # "GPU-" and 36 characters
    name: str
    memory_bytes: int
    driver: str
    is_split: bool = False  # MIG is on: it answers as several smaller devices

    def __str__(self) -> str:
        return f"{self.name}, {self.memory_bytes >> 20} MiB, driver {self.driver}"


def cpu_name() -> str:
    """Return the processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def usable_cores() -> list[int]:
    """Return the numbers of the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def busy_seconds() -> float:
    """Return the seconds all programs together worked on the usable cores since the last boot."""
    cores = psutil.cpu_times(percpu=True)
    usable = [cores[number] for number in usable_cores() if number < len(cores)]
    return float(sum(map(working_seconds, usable)))


def working_seconds(times: Any) -> float:
    """Return for how many seconds a core was not idle.

    times: one entry of `psutil.cpu_times(percpu=True)`, whose fields differ between systems. Linux
    counts the time of guests in `user` and `nice` as well, so it is taken off here.
    """
    worked = sum(times)
    for name in ("idle", "iowait", "guest", "guest_nice"):
        worked -= getattr(times, name, 0.0)
    return float(worked)


def load_average() -> float | None:
    """Return how many processes wanted a core over the last minute; None if nobody counts."""
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return None


@contextmanager
def nvml() -> Iterator[Any]:
    """Give NVML's Python module, ready for use.

    Raises SandboxError with the answer of the driver's library, here and for whatever it refuses
    inside the `with` block.
    """
    try:
        import pynvml
    except ImportError:
        raise SandboxError(
            "the package nvidia-ml-py is missing; install it with `pip install nvidia-ml-py`"
        ) from None
    try:
        pynvml.nvmlInit()
        try:
            yield pynvml
        finally:
            pynvml.nvmlShutdown()
    except pynvml.NVMLError as error:
        raise SandboxError(f"the NVIDIA driver's library (NVML) says: {error}") from None


def list_gpus() -> tuple[Gpu, ...]:
    """Return every NVIDIA GPU of this machine, in the driver's order.

    Raises SandboxError where the driver does not answer.
    """
    with nvml() as library:
        driver = as_text(library.nvmlSystemGetDriverVersion())
        count = library.nvmlDeviceGetCount()
        return tuple(describe_gpu(library, index, driver) for index in range(count))


def describe_gpu(library: Any, index: int, driver: str) -> Gpu:
    """Return what NVML says about the GPU with this number."""
    handle = library.nvmlDeviceGetHandleByIndex(index)
    return Gpu(
        index=index,
        uuid=as_text(library.nvmlDeviceGetUUID(handle)),
        name=as_text(library.nvmlDeviceGetName(handle)),
        memory_bytes=int(library.nvmlDeviceGetMemoryInfo(handle).total),
        driver=driver,
        is_split=has_mig(library, handle),
    )


def gpus() -> tuple[Gpu, ...]:
    """Return every NVIDIA GPU of this machine; none where no driver answers."""
    try:
        return list_gpus()
    except SandboxError:
        return ()


def has_mig(library: Any, handle: Any) -> bool:
    """Whether a GPU is split by MIG. Most models cannot be split and answer with an error."""
    try:
        return bool(library.nvmlDeviceGetMigMode(handle)[0])
    except library.NVMLError:
        return False


def as_text(value: str | bytes) -> str:
    """Return a text from NVML, which older versions of its package give as bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def describe_machine(device: str = CPU) -> MachineRecord:
    """Return what decides speed here, on "cpu" or on the GPU with this UUID.

    The record's id is a hash of the processor, its cores, the memory in GiB, the system, Python's
    version and the GPU: machines that are alike have the same one. Boards never rank speeds of
    different ids against each other.
    """
    cpu = cpu_name()
    cores = len(usable_cores())
    memory = psutil.virtual_memory().total
    python = platform.python_version()
    gpu = gpu_description(device)
    parts = [cpu, str(cores), str(round(memory / (1 << 30))), platform.system(), python, gpu]
    return MachineRecord(
        id=hashlib.sha256("|".join(parts).encode()).hexdigest()[:8],
        cpu=cpu,
        cores=cores,
        memory_bytes=memory,
        system=f"{platform.system()} {platform.release()}",
        python=python,
        gpu=gpu,
        load_average=load_average(),
    )


def gpu_description(device: str) -> str:
    """Return name, memory and driver of the GPU with this UUID; an empty text for "cpu"."""
    if device != CPU:
        for gpu in gpus():
            if gpu.uuid == device:
                return str(gpu)
    return ""


def noise_reason() -> str:
    """Say why figures timed now would be noisy, or return an empty text.

    Work of other graders counts as well: nothing else should run while something is timed.
    """
    load = load_average()
    cores = len(usable_cores())
    if load is not None and load > max(1.0, cores) * BUSY_LOAD_SHARE:
        return f"other programs keep {load:.1f} of {cores} cores busy"
    if cores < 2:
        return ONE_CORE
    return ""
