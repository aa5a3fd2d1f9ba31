"""`grader machine`: Look at this computer, and whether it is quiet enough to time on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import typer

from grader.commands.options import (
    ENGINES,
    LOCAL,
    AddressOption,
    DataOption,
    DeviceOption,
    EngineOption,
    JsonOption,
    SandboxOption,
    TaskOption,
    VerboseOption,
)
from grader.commands.parts.console import console, print_json
from grader.commands.parts.exit_codes import EXIT_OURS
from grader.commands.parts.node_table import as_dict, node_rows
from grader.course.curriculum import all_tasks, find_task
from grader.course.dataset import data_folder, dataset_states
from grader.course.documents import located
from grader.errors import SandboxError, UsageError
from grader.grading.settings import Settings
from grader.host.machine import CPU, describe_machine, gpus, noise_reason
from grader.sandbox import counters
from grader.sandbox.leftovers import remove_leftovers
from grader.spelling import no_such
from grader.terminal import columns

HELP_PLACE = ("Set up", 2)
ENGINE_SECONDS = 3
FRAMEWORKS = ("torch", "torchvision", "keras", "tensorflow", "jax")


def machine(
    as_json: JsonOption = False,
    data: DataOption = None,
    engine: EngineOption = LOCAL,
    address: AddressOption = "auto",
    task: TaskOption = None,
    sandbox: SandboxOption = "auto",
    device: DeviceOption = CPU,
    verbose: VerboseOption = False,
) -> None:
    """Look at this computer: processor, memory, engine, GPU, data, and whether it is quiet enough
    to time on. With --engine, look at the nodes of a cluster: what each lacks for grading a batch.
    """
    if engine != LOCAL:
        settings = Settings(
            Path(), task, sandbox, trusted=sandbox == "process", device=device, data_folder=data
        )
        return show_nodes(engine, settings, address, as_json=as_json)
    found = look_around(data)
    if as_json:
        return print_json(found)
    print_machine(found)


def print_machine(found: Mapping[str, Any]) -> None:
    """Print what was found, a line or more for each."""
    rows = [(key.replace("_", " "), located(str(value))) for key, value in found.items()]
    columns(console(), ("", ""), rows)


def show_nodes(engine: str, settings: Settings, address: str, *, as_json: bool) -> None:
    """Print what each node of a cluster is and lacks; exit code 3 if none can grade."""
    from grader.grading.engines.ray import RayEngine

    if engine not in ENGINES:
        raise UsageError(f"--engine: {no_such('choice', engine, ENGINES)}")
    named = settings.task_id
    cluster = RayEngine(settings, [find_task(named)] if named else all_tasks(), address)
    cluster.close()
    if as_json:
        print_json([as_dict(node) for node in cluster.nodes])
    else:
        columns(console(), ("node", "size", "jobs", "state", "there"), node_rows(cluster.nodes))
    if not any(node.jobs for node in cluster.nodes):
        raise typer.Exit(EXIT_OURS)


def look_around(folder: Path | None) -> dict[str, Any]:
    """Return what this computer has for grading, in the order of display."""
    found = describe_machine()
    source = counters.group_source() or "sampled over the process tree (no control group available)"
    return {
        "machine": found.id,
        "processor": f"{found.cpu}, {found.cores} cores",
        "memory": f"{found.memory_bytes / (1 << 30):.1f} GiB",
        "system": found.system,
        "python": f"{found.python} ({sys.executable})",
        "frameworks": installed_frameworks(),
        "gpu": "; ".join(map(str, gpus())) or "none found",
        "container_engine": engine_state(),
        "left_by_killed_graders": leftovers(),
        "peak_memory": source,
        "data": ready_data(data_folder(folder)),
        "quiet": noise_reason() or "yes",
    }


def installed_frameworks() -> str:
    """Return the installed frameworks with their versions."""
    found = []
    for name in FRAMEWORKS:
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{name} {metadata.version(name)}")
    return ", ".join(found) or "none"


def ready_data(folder: Path) -> str:
    """Say which data sets are ready, and where the downloaded ones are."""
    states = dataset_states(folder).items()
    ready = [name for name, state in states if state.startswith("ready")]
    return f"{', '.join(ready) or 'nothing'} ready; downloads go to {folder}"


def engine_state() -> str:
    """Return the version of the Docker engine that answers, or why none does."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=ENGINE_SECONDS)
        version = client.version()["Version"]
        client.close()
    except DockerException:
        return "no engine answers (boxes are plain processes; see docs/measure/security.md)"
    return f"Docker {version}"


def leftovers() -> str:
    """Remove what killed graders left, here and in the engine, and say how much it was."""
    from grader.sandbox.docker import engine

    removed = []
    folders = remove_leftovers()
    if folders:
        removed.append(f"{folders} folders")
    with suppress(SandboxError):
        objects = engine.remove_leftovers(engine.connect())
        if objects:
            removed.append(f"{objects} containers and volumes")
    return f"removed {' and '.join(removed)}" if removed else "nothing"
