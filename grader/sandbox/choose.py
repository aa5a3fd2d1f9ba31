"""Which sandbox a run gets, by name.

Nothing ever steps down to a weaker tier: whatever is chosen is that, or an error says what is
missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import SandboxError, UsageError
from grader.sandbox.runner_process import HeadStart

if TYPE_CHECKING:
    from grader.sandbox.box import Sandbox

PROCESS_NAMES = ("auto", "process")  # of a user's own code
NAMES = ("auto", "process", "container", "gvisor")
REPOSITORY = "dl-grader"
VARIANT_LABEL = "dl-grader.variant"
RUNNER_LABEL = "dl-grader.runner"
FUNCTIONS_VARIANT = "numpy"
FUNCTIONS_EXAM = "functions"
GPU_SUFFIX = "-gpu"  # of the variant
RUNNER = Path(__file__).resolve().parent.parent / "runner"
NOT_AS_PROCESSES = (
    "other people's submissions are not run as plain processes: such a process can do everything "
    "that you can, so it could read the hidden labels and your files, change results and use the "
    "network. Use --sandbox container (docs/teach/for-instructors.md says how to get it). If you "
    "would run this code yourself without reading it, add --trust-submissions"
)
OTHERS_IN_CONTAINERS = (
    ". Other people's submissions run in containers, or, if you would run them yourself, with "
    "--sandbox process --trust-submissions"
)


def choose_sandbox(
    name: str,
    exam: str,
    *,
    gpu: bool = False,
    others: bool = False,
    trusted: bool = False,
    early: HeadStart | None = None,
) -> Sandbox:
    """Return the sandbox called `name` for one kind of exam.

    gpu: its image has packages for NVIDIA GPUs. others: the code is somebody else's. trusted: the
    user would run that code without a sandbox as well. early: what may hold the runner of its first
    box, which is used where the sandbox is a plain process.

    "auto" is a plain process for the user's own code on the user's own machine, and a container for
    the code of others, which is refused as a process unless it is trusted. Raises UsageError for
    that and for unknown names, SandboxError where an engine or an image is missing.
    """
    if name not in NAMES:
        raise UsageError(f"unknown sandbox {name!r}; choose from {', '.join(NAMES)}")
    if name == "process" and others and not trusted:
        raise UsageError(NOT_AS_PROCESSES)
    if name in ("container", "gvisor") or (others and name == "auto"):
        runtime = "runsc" if name == "gvisor" else None
        try:
            return container_sandbox(exam, runtime, gpu)
        except SandboxError as error:
            if not others:
                raise
            raise SandboxError(f"{error}{OTHERS_IN_CONTAINERS}") from None
    from grader.sandbox.process import ProcessSandbox

    return ProcessSandbox(early)


def container_sandbox(exam: str, runtime: str | None, gpu: bool = False) -> Sandbox:
    """Return a Docker sandbox with the newest image that fits this exam and this runner.

    Raises SandboxError if no engine answers or no image fits.
    """
    from grader.sandbox.docker.container import DockerSandbox
    from grader.sandbox.docker.engine import connect, engine_trouble

    client = connect()
    wanted = [f"{RUNNER_LABEL}={runner_hash()}"]
    with engine_trouble("looking for images"):
        images = client.images.list(name=REPOSITORY, filters={"label": wanted})
    fitting = fitting_images(images, has_framework=exam != FUNCTIONS_EXAM, gpu=gpu)
    if not fitting:
        raise missing_image(exam, gpu)
    newest = max(fitting, key=lambda image: str(image.attrs.get("Created")))
    return DockerSandbox(str(newest.id), runtime=runtime)


def fitting_images(images: Iterable[Any], *, has_framework: bool, gpu: bool) -> list[Any]:
    """Return the images with a framework, or those without one, that a run can use.

    A run on a GPU needs an image for GPUs. A run on a CPU takes one only if there is no other.
    """
    for_cpu = []
    for_gpu = []
    for image in images:
        variant = str(image.labels.get(VARIANT_LABEL))
        if (variant != FUNCTIONS_VARIANT) != has_framework:
            continue
        if variant.endswith(GPU_SUFFIX):
            for_gpu.append(image)
        else:
            for_cpu.append(image)
    if gpu:
        return for_gpu
    return for_cpu or for_gpu


def missing_image(exam: str, gpu: bool) -> SandboxError:
    """Return the error for an exam that no image fits."""
    kind = "without a framework"
    if exam != FUNCTIONS_EXAM:
        kind = "with a framework for GPUs" if gpu else "with a framework"
    command = "grader image build --gpu" if gpu else "grader image build"
    return SandboxError(
        f"this version of the grader still needs an image {kind}: make it once with `{command}`"
    )


@cache
def runner_hash() -> str:
    """Return 12 hex digits that change with the runner's code: an image serves one version."""
    total = hashlib.sha256()
    for path in sorted(RUNNER.glob("*.py")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]
