"""A child process for hostile files: no input, capped output, an end to its time.

**Why a child.** Whoever opens a zip, a notebook or somebody's source runs a parser on bytes that
were made to break it: a bomb unfolds to terabytes, nested brackets exhaust the stack, a list of
files takes minutes to read. In the grading process any of that would end a whole batch. The child
sets limits on its own memory, processor time and file size before it opens anything
(opener/main.py, doctor/rules/hostile_source.py); from outside it gets a deadline. What it prints
goes to a file and not a pipe: whatever it says, this process reads only so much of it, and a child
that floods meets its own limit on file size.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence


def run_limited(
    command: Sequence[str], seconds: float, most_bytes: int
) -> tuple[int, bytes] | None:
    """Run a command; return its exit code and the first bytes that it printed.

    None if it was still running after so many seconds; it is killed then.
    """
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
                cwd="/",
            )
        except subprocess.TimeoutExpired:
            return None
        output.seek(0)
        return done.returncode, output.read(most_bytes)
