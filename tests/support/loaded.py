"""Which modules a command of the grader has loaded by its end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from support.paths import ROOT

LOADED = """
import sys
from grader import cli
sys.argv = ["grader", *sys.argv[1:]]
try:
    cli.main()
except SystemExit:
    pass
print("LOADED", *(name for name in {names!r} if name in sys.modules), file=sys.stderr)
"""


def loaded_by(*words: str | Path, of: Sequence[str], cwd: Path) -> tuple[set[str], str]:
    """Run a command in a fresh process; return which of these modules it loaded, and its output."""
    done = run_program(LOADED.format(names=tuple(of)), words, cwd)
    [line] = [line for line in done.stderr.splitlines() if line.startswith("LOADED")]
    return set(line.split()[1:]), done.stdout


def run_program(
    program: str, words: Sequence[str | Path], cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run a Python program with arguments."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


AT_PROCESSES = """
import sys
def hook(event, _):
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"):
        print("STARTED", *(name for name in {names!r} if name in sys.modules), file=sys.stderr)
sys.addaudithook(hook)
"""


def loaded_at_processes(*words: str | Path, of: Sequence[str], cwd: Path) -> list[set[str]]:
    """Run a command in a fresh process; return, for each process that it starts in turn, which of
    these modules it had loaded by then.
    """
    program = AT_PROCESSES.format(names=tuple(of)) + LOADED.format(names=())
    done = run_program(program, words, cwd)
    lines = [line for line in done.stderr.splitlines() if line.startswith("STARTED")]
    return [set(line.split()[1:]) for line in lines]
