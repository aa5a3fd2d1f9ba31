"""Which sandbox a run gets, by name. There is no silent step down to a weaker one: the tier is
always said.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from grader.errors import SandboxError, UsageError
from grader.sandbox.box import Sandbox

NAMES = ("auto", "process", "container", "gvisor")
REPOSITORY = "dl-grader"
VARIANT_LABEL = "dl-grader.variant"
RUNNER_LABEL = "dl-grader.runner"
FUNCTIONS_VARIANT = "numpy"
FUNCTIONS_EXAM = "functions"
GPU_SUFFIX = "-gpu"  # of the variant
RUNNER = Path(__file__).resolve().parent.parent / "runner"
NOT_AS_PROCESSES = (
    "submissions of others do not run as plain processes: such a process may do all that you may, so it can read the "
    "hidden labels and your files, change results and use the network. Take --sandbox container "
    "(docs/teach/for-instructors.md says how to get it); if you would run this code yourself, unread, add --trust-submissions"
)
OTHERS_IN_CONTAINERS = (
    ". Submissions of others run in containers; those that you would run yourself also with "
    "--sandbox process --trust-submissions"
)


def choose_sandbox(
    name: str, exam: str, *, gpu: bool = False, others: bool = False, trusted: bool = False
) -> Sandbox:
    """Return the sandbox called `name` for one kind of exam; with `gpu` its image has packages for
    NVIDIA GPUs.

    "auto" is for the user's own code on the user's own machine, and is a process. With `others` the
    code is somebody else's: "auto" is a container, and a process is refused with UsageError unless
    the user said that the submissions are `trusted`. Whatever is chosen is that, or an error that
    says what is missing: nothing steps down.
    """
    if name not in NAMES:
        raise UsageError(f"there is no sandbox {name!r}; there is {', '.join(NAMES)}")
    if name == "process" and others and not trusted:
        raise UsageError(NOT_AS_PROCESSES)
    if name in ("container", "gvisor") or (others and name == "auto"):
        try:
            return container(exam, "runsc" if name == "gvisor" else None, gpu)
        except SandboxError as error:
            raise SandboxError(f"{error}{OTHERS_IN_CONTAINERS}" if others else str(error)) from None
    from grader.sandbox.process import ProcessSandbox

    return ProcessSandbox()


def container(exam: str, runtime: str | None, gpu: bool = False) -> Sandbox:
    """Return a Docker sandbox with the newest image that fits this exam and this runner."""
    from grader.sandbox.docker.container import DockerSandbox
    from grader.sandbox.docker.engine import connect, engine_trouble

    client = connect()
    wanted = [RUNNER_LABEL + "=" + runner_hash()]
    with engine_trouble("looking for images"):
        images = client.images.list(name=REPOSITORY, filters={"label": wanted})
    functions = exam == FUNCTIONS_EXAM
    fitting = [
        image
        for image in images
        if (image.labels.get(VARIANT_LABEL) == FUNCTIONS_VARIANT) == functions
    ]
    for_gpu = [
        image for image in fitting if str(image.labels.get(VARIANT_LABEL)).endswith(GPU_SUFFIX)
    ]
    fitting = for_gpu if gpu else [image for image in fitting if image not in for_gpu] or for_gpu
    if not fitting:
        kind = "no framework" if functions else "a framework for GPUs" if gpu else "a framework"
        command = "grader image build --gpu" if gpu else "grader image build"
        raise SandboxError(
            f"there is no image of this version of the grader with {kind}; make it once with `{command}`"
        )
    newest = max(fitting, key=lambda image: str(image.attrs.get("Created")))
    return DockerSandbox(str(newest.id), runtime=runtime)


@cache
def runner_hash() -> str:
    """Return 12 digits that change with the runner's code: an image serves one version of it."""
    total = hashlib.sha256()
    for path in sorted(RUNNER.glob("*.py")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]
