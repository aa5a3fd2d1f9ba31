"""Commands as a user types them, in this process: what many of them take is the start of Python."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def grader_here(*words: str | Path, cwd: Path) -> Done:
    """Run `grader` with these words, to its end, without a process of its own."""
    out = io.StringIO()
    said = io.StringIO()
    before = sys.argv
    sys.argv = ["grader", *map(str, words)]
    code = 0
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(said),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            sys.argv = before
    return Done(code, out.getvalue(), said.getvalue())
