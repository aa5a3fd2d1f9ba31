"""Which sandbox a run gets, by name. There is no silent step down to a weaker one: the tier is always said."""

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
RUNNER = Path(__file__).resolve().parent.parent / "runner"


def choose_sandbox(name: str, exam: str) -> Sandbox:
    """Return the sandbox called `name` for one kind of exam.

    "auto" is for the user's own code on the user's own machine, and is a process. The others are what they say, or
    an error that says what is missing.
    """
    if name not in NAMES:
        raise UsageError(f"there is no sandbox {name!r}; there is {', '.join(NAMES)}")
    if name in ("container", "gvisor"):
        return container(exam, "runsc" if name == "gvisor" else None)
    from grader.sandbox.process_sandbox import ProcessSandbox

    return ProcessSandbox()


def container(exam: str, runtime: str | None) -> Sandbox:
    """Return a Docker sandbox with the newest image that fits this exam and this runner."""
    from grader.sandbox.docker_sandbox import DockerSandbox, connect

    client = connect()
    wanted = [RUNNER_LABEL + "=" + runner_hash()]
    images = client.images.list(name=REPOSITORY, filters={"label": wanted})
    functions = exam == FUNCTIONS_EXAM
    fitting = [image for image in images if (image.labels.get(VARIANT_LABEL) == FUNCTIONS_VARIANT) == functions]
    if not fitting:
        kind = "NumPy alone" if functions else "a framework"
        raise SandboxError(
            f"no image of this version of the grader with {kind} is there; make it once with `grader image build`"
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
