"""The tier `gvisor`: what changes where gVisor's kernel stands between a box and the host's kernel.

The wire goes over the exec's streams (transport.py), some 300 us a round trip, and the engine
cannot move a box to other cores, so its control group's file is written instead (counters.py).
Tried with runsc 20221219 (docs/measure/security.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.sandbox.box import Limits

KERNEL_THREADS = 256  # of gVisor's own
# The exit code of gVisor's kernel when it gives up; a container that was stopped from outside has
# 128 and a signal.
KERNEL_PANIC = 2


def other_runtime(runtime: str | None, limits: Limits) -> dict[str, Any]:
    """Return what changes under another runtime than the engine's own.

    gVisor's kernel is a process with threads of its own, and one more for each thread in the box.
    All of them count towards the limit on processes, and with too few the box never starts.
    """
    if runtime is None:
        return {}
    return {"runtime": runtime, "pids_limit": limits.processes + KERNEL_THREADS}


def kernel_gave_up(runtime: str | None, state: Mapping[str, Any]) -> bool:
    """Whether gVisor's kernel ended by itself, as it does when a box asks for more than it may."""
    return runtime is not None and state["ExitCode"] == KERNEL_PANIC
