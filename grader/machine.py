"""What this computer is, and whether it is quiet enough to time on."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path

import psutil

from grader.records import MachineRecord

BUSY_LOAD_SHARE = 0.3  # of the cores, by others, before anything is started
GPU_QUERY_SECONDS = 10


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


def load_average() -> float | None:
    """Return how many processes wanted a core over the last minute, or None where the system does not say."""
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return None


@cache
def gpus() -> tuple[str, ...]:
    """Return one line for each NVIDIA GPU: name, memory, driver; empty without the driver's own tool."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    query = [tool, "--query-gpu=name,memory.total,driver_version,uuid", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, timeout=GPU_QUERY_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in found.stdout.splitlines() if line.strip())


def describe_machine(device: str = "cpu") -> MachineRecord:
    """Return what decides speed here; its id is the same on machines that are alike."""
    cpu, cores = cpu_name(), len(usable_cores())
    memory = psutil.virtual_memory().total
    system = f"{platform.system()} {platform.release()}"
    python = platform.python_version()
    gpu = (gpus() or ("",))[0] if device != "cpu" else ""
    identity = "|".join([cpu, str(cores), str(round(memory / (1 << 30))), platform.system(), python, gpu])
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
    """Say why timings may be noisy at this moment, or return an empty text."""
    load, cores = load_average(), len(usable_cores())
    if load is not None and load > max(1.0, cores) * BUSY_LOAD_SHARE:
        return f"other programs keep {load:.1f} of {cores} cores busy"
    if cores < 2:
        return "only one core: the grader and the submission share it"
    return ""
