"""`grader machine`: what this computer has for grading, and whether it is quiet enough to
time on.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from grader.course.dataset import data_folder, dataset_states
from grader.errors import SandboxError
from grader.host.machine import describe_machine, gpus, noise_reason
from grader.sandbox import counters, process

ENGINE_SECONDS = 3
FRAMEWORKS = ("torch", "torchvision", "keras", "tensorflow", "jax")


def tour(folder: Path | None) -> dict[str, Any]:
    """Return what was found, in the order of display."""
    machine = describe_machine()
    source = counters.group_source() or "sampled over the process tree (no control group to be had)"
    place = data_folder(folder)
    ready = [name for name, state in dataset_states(place).items() if state.startswith("ready")]
    return {
        "machine": machine.id,
        "processor": f"{machine.cpu}, {machine.cores} cores",
        "memory": f"{machine.memory_bytes / (1 << 30):.1f} GiB",
        "system": machine.system,
        "python": f"{machine.python} ({sys.executable})",
        "frameworks": ", ".join(
            f"{name} {metadata.version(name)}" for name in FRAMEWORKS if installed(name)
        )
        or "none",
        "gpu": "; ".join(map(str, gpus())) or "none found",
        "container_engine": engine_state(),
        "left_by_killed_graders": leftovers(),
        "peak_memory": source,
        "data": f"{', '.join(ready) or 'nothing'} ready in {place}",
        "quiet": noise_reason() or "yes",
    }


def engine_state() -> str:
    """Return the version of the Docker engine that answers, or why none does."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=ENGINE_SECONDS)
        version = client.version()["Version"]
        client.close()
    except DockerException:
        return "none answers (boxes are plain processes; see docs/measure/security.md)"
    return f"Docker {version}"


def leftovers() -> str:
    """Remove what graders left that were killed, here and in the engine, and say how much it
    was.
    """
    from grader.sandbox.docker import engine

    found = [f"{process.remove_leftovers()} folders"]
    with suppress(SandboxError):
        found.append(f"{engine.remove_leftovers(engine.connect())} containers and volumes")
    found = [item for item in found if not item.startswith("0 ")]
    return f"removed {' and '.join(found)}" if found else "nothing"


def installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
