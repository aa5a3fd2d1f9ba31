"""`grader cluster`: Write scripts that have a scheduler grade a class."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from grader.commands.options import (
    DEFAULT_RESULTS,
    AddressOption,
    DeviceOption,
    ResultsOption,
    VerboseOption,
)
from grader.commands.parts.console import say
from grader.course.curriculum import find_task
from grader.errors import UsageError
from grader.grading.engines.needs import Need
from grader.grading.engines.ray import wait_for_nodes
from grader.grading.scheduler_scripts import (
    KUBERAY,
    KUBERNETES_JOB,
    SLURM_ARRAY,
    SLURM_RAY,
    Plan,
)
from grader.host.machine import CPU

HELP_PLACE = ("Set up", 6)

app = typer.Typer(
    name="cluster",
    help="Write scripts that have a scheduler grade a class.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

FolderArgument = Annotated[Path, typer.Argument(help="Folder that holds the submissions.")]
TaskOption = Annotated[str, typer.Option("--task", "-t", help="Task id.")]
PartsOption = Annotated[int, typer.Option("--parts", min=1, help="How many jobs.")]
NodesOption = Annotated[int, typer.Option("--nodes", min=1, help="How many nodes, with Ray.")]
ToOption = Annotated[Path, typer.Option("--to", help="Folder for the scripts.")]
SandboxOption = Annotated[
    str, typer.Option("--sandbox", help="auto (a container), container, gvisor, or process.")
]
TrustOption = Annotated[
    bool, typer.Option("--trust-submissions", help="Allow plain processes, as in `grader batch`.")
]


@app.command("slurm")
def slurm(
    folder: FolderArgument,
    task: TaskOption,
    parts: PartsOption = 16,
    nodes: NodesOption = 4,
    results: ResultsOption = DEFAULT_RESULTS,
    to: ToOption = Path("."),
    sandbox: SandboxOption = "auto",
    trust_submissions: TrustOption = False,
    device: DeviceOption = CPU,
    verbose: VerboseOption = False,
) -> None:
    """Write two scripts for sbatch: an array, one part a job; and one job with Ray on its nodes."""
    words = batch_words(task, sandbox, device, trusted=trust_submissions)
    need = Need.of([find_task(task)], device)
    templates = {"grade-array.sh": SLURM_ARRAY, "grade-ray.sh": SLURM_RAY}
    write_scripts(templates, Plan(folder, words, results, to, parts, nodes, need))


@app.command("kubernetes")
def kubernetes(
    folder: FolderArgument,
    task: TaskOption,
    parts: PartsOption = 16,
    nodes: NodesOption = 4,
    results: ResultsOption = DEFAULT_RESULTS,
    to: ToOption = Path("."),
    verbose: VerboseOption = False,
) -> None:
    """Write two manifests that nobody has tried yet: an indexed Job, and one for KubeRay."""
    words = batch_words(task, "process", CPU, trusted=True)
    need = Need.of([find_task(task)], CPU)
    templates = {"grade-job.yaml": KUBERNETES_JOB, "ray-cluster.yaml": KUBERAY}
    write_scripts(templates, Plan(folder, words, results, to, parts, nodes, need))


@app.command("wait")
def wait(
    nodes: NodesOption, address: AddressOption = "auto", verbose: VerboseOption = False
) -> None:
    """Wait until so many nodes have joined a Ray cluster."""
    wait_for_nodes(address, nodes)


def batch_words(task: str, sandbox: str, device: str, *, trusted: bool) -> tuple[str, ...]:
    """Return the words of `grader batch` that hold for every part."""
    words = ["--task", task, "--sandbox", sandbox, "--device", device]
    return (*words, "--trust-submissions") if trusted else tuple(words)


def write_scripts(templates: dict[str, str], plan: Plan) -> None:
    """Write a script of each template, by the name of its file. plan: with the folder for them."""
    for name, template in templates.items():
        write_script(dataclasses.replace(plan, script=plan.script / name), template)


def write_script(plan: Plan, template: str) -> None:
    """Write a script, and say what to do with it. UsageError if it cannot be written."""
    text = plan.filled(template)
    try:
        plan.script.parent.mkdir(parents=True, exist_ok=True)
        plan.script.write_text(text)
    except OSError as error:
        raise UsageError(
            f"cannot write {plan.script}: {error.strerror or error}; choose another folder with "
            "--to"
        ) from None
    say(f"wrote {plan.script}; its first lines say what it is for")
