"""`grader machine`: what this computer has for grading, and whether it is quiet enough to time on."""

from __future__ import annotations

import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from grader.datasets.dataset import data_folder, dataset_names, find_dataset
from grader.errors import DataError
from grader.machine import describe_machine, gpus, noise_reason
from grader.sandbox import counters
from grader.sandbox.box import MIB

FRAMEWORKS = ("torch", "torchvision", "keras", "tensorflow", "jax")


def tour(folder: Path | None) -> dict[str, Any]:
    """Return what was found, in the order of display."""
    machine = describe_machine()
    group = counters.make_group("tour", 64 * MIB)
    source = group.source if group is not None else "sampled over the process tree (no control group to be had)"
    if group is not None:
        group.remove()
    return {
        "machine": machine.id,
        "processor": f"{machine.cpu}, {machine.cores} cores",
        "memory": f"{machine.memory_bytes / (1 << 30):.1f} GiB",
        "system": machine.system,
        "python": f"{machine.python} ({sys.executable})",
        "frameworks": ", ".join(f"{name} {metadata.version(name)}" for name in FRAMEWORKS if installed(name)) or "none",
        "gpu": "; ".join(gpus()) or "none found",
        "container_engine": "docker client found" if shutil.which("docker") else "none found",
        "peak_memory": source,
        "data": data_state(data_folder(folder)),
        "quiet": noise_reason() or "yes",
    }


def installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def data_state(folder: Path) -> str:
    """Return which datasets are complete below the folder."""
    ready = []
    for name in dataset_names():
        try:
            find_dataset(name).load(folder)
        except DataError:
            continue
        ready.append(name)
    return f"{', '.join(ready)} ready in {folder}"
