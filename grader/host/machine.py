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

BUSY_LOAD_SHARE = 0.3  # of the cores, by others, before anything is started
CPU = "cpu"
ONE_CORE = "only one core: the grader and the submission share it"


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
    """Return the processor time that all programs together took of the usable cores since this
    machine started.
    """
    cores = psutil.cpu_times(percpu=True)
    return float(sum(working(cores[number]) for number in usable_cores() if number < len(cores)))


def working(times: Any) -> float:
    """Return the seconds that a core was not idle, of what psutil tells of it."""
    counted_twice_or_idle = ("idle", "iowait", "guest", "guest_nice")
    return float(sum(times) - sum(getattr(times, name, 0.0) for name in counted_twice_or_idle))


def load_average() -> float | None:
    """Return how many processes wanted a core over the last minute, or None where the system does
    not say.
    """
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return None


@contextmanager
def nvml() -> Iterator[Any]:
    """Give NVML's Python module, ready for use; SandboxError says what the driver's library
    answered.
    """
    try:
        import pynvml
    except ImportError:
        raise SandboxError(
            "the package nvidia-ml-py is missing; get it with `pip install nvidia-ml-py`"
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
    """Return every NVIDIA GPU of this machine, in the driver's order; SandboxError where the driver
    does not answer.
    """
    with nvml() as library:
        driver = as_text(library.nvmlSystemGetDriverVersion())
        found = []
        for index in range(library.nvmlDeviceGetCount()):
            handle = library.nvmlDeviceGetHandleByIndex(index)
            found.append(
                Gpu(
                    index,
                    as_text(library.nvmlDeviceGetUUID(handle)),
                    as_text(library.nvmlDeviceGetName(handle)),
                    int(library.nvmlDeviceGetMemoryInfo(handle).total),
                    driver,
                    has_mig(library, handle),
                )
            )
        return tuple(found)


def gpus() -> tuple[Gpu, ...]:
    """Return every NVIDIA GPU of this machine; empty where there is none, or no driver that
    answers.
    """
    try:
        return list_gpus()
    except SandboxError:
        return ()


def has_mig(library: Any, handle: Any) -> bool:
    """Return whether a GPU is split by MIG; most models cannot be, and say so."""
    try:
        return bool(library.nvmlDeviceGetMigMode(handle)[0])
    except library.NVMLError:
        return False


def as_text(value: str | bytes) -> str:
    """Return a text of NVML's, which older bindings give as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def describe_machine(device: str = CPU) -> MachineRecord:
    """Return what decides speed here, on "cpu" or on the GPU with this UUID; its id is the same on
    machines alike.
    """
    cpu, cores = cpu_name(), len(usable_cores())
    memory = psutil.virtual_memory().total
    system = f"{platform.system()} {platform.release()}"
    python = platform.python_version()
    gpu = "" if device == CPU else next((str(each) for each in gpus() if each.uuid == device), "")
    identity = "|".join(
        [cpu, str(cores), str(round(memory / (1 << 30))), platform.system(), python, gpu]
    )
    return MachineRecord(
        id=hashlib.sha256(identity.encode()).hexdigest()[:8],
        cpu=cpu,
        cores=cores,
        memory_bytes=memory,
        system=system,
        python=python,
        gpu=gpu,
        load_average=load_average(),
    )


def noise_reason() -> str:
    """Say why timings would be noisy if something were timed now, or return an empty text. Work of
    ours counts too.
    """
    load, cores = load_average(), len(usable_cores())
    if load is not None and load > max(1.0, cores) * BUSY_LOAD_SHARE:
        return f"other programs keep {load:.1f} of {cores} cores busy"
    if cores < 2:
        return ONE_CORE
    return ""
