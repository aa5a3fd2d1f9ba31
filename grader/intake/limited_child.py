"""A child process for hostile files: no input, its output into a file and read only so far, an end
to its time.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence


def run_limited(
    command: Sequence[str], seconds: float, most_bytes: int
) -> tuple[int, bytes] | None:
    """Run a command and return its exit code and the beginning of what it printed; None where its
    time was over.

    What it prints goes to a file, not a pipe: whatever the child says, this process reads only so
    much.
    """
    with tempfile.TemporaryFile() as printed:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
                cwd="/",
            )
        except subprocess.TimeoutExpired:
            return None
        printed.seek(0)
        return done.returncode, printed.read(most_bytes)
