"""Opens source that a stranger wrote, inside a child process that has limited itself first.

A parser can be led into deep recursion and much memory by a few kilobytes of source. So the child
caps its processor time, memory and files before it parses anything, and its parent caps its output
and its time (see `grader.doctor.source`).
"""

from __future__ import annotations

import ast
import sys

MEMORY_BYTES = 512 << 20
CPU_SECONDS = 5
MOST_BYTES = 1 << 20  # of one file


def limit_myself() -> None:
    """Cap this process: processor time, size of written files, memory, no core dump."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def parse_file(path: str) -> ast.Module | None:
    """Return a file's syntax tree, or None where it is not Python or cannot be read."""
    try:
        with open(path, "rb") as file:
            return ast.parse(file.read(MOST_BYTES))
    except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
        return None
