"""The tier `gvisor`: what is different where gVisor's kernel stands between the box and the
machine's kernel.

The wire goes over the exec's streams (transport.py), and the engine can't move a box to other
cores: its control group's file is written instead (counters.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.sandbox.box import Limits

KERNEL_THREADS = 256  # of gVisor's own
KERNEL_PANIC = 2  # its exit code then; who stops a container from outside leaves 128 and a signal


def other_runtime(runtime: str | None, limits: Limits) -> dict[str, Any]:
    """Return what changes under another runtime than the engine's own.

    gVisor's kernel is a process with threads of its own, and has a host thread for each of the
    guest's: all of them count in the limit on processes, and one too few ends the box before it
    begins.
    """
    if runtime is None:
        return {}
    return {"runtime": runtime, "pids_limit": limits.processes + KERNEL_THREADS}


def kernel_gave_up(runtime: str | None, state: Mapping[str, Any]) -> bool:
    """Whether gVisor's kernel ended by itself: what runs in it asked for more than the limits on
    the box allow it.
    """
    return runtime is not None and state["ExitCode"] == KERNEL_PANIC
