"""Which sandbox a run gets, by name. There is no silent step down to a weaker one."""

from __future__ import annotations

from grader.errors import UsageError
from grader.sandbox.box import Sandbox

NAMES = ("auto", "process")


def choose_sandbox(name: str) -> Sandbox:
    """Return the sandbox called `name`; "auto" takes the strongest that this machine has."""
    if name not in NAMES:
        raise UsageError(f"there is no sandbox {name!r}; there is {' and '.join(map(repr, NAMES))}")
    from grader.sandbox.process_sandbox import ProcessSandbox

    return ProcessSandbox()
