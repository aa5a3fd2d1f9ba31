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
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(names=tuple(of)), *map(str, words)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    [line] = [line for line in done.stderr.splitlines() if line.startswith("LOADED")]
    return set(line.split()[1:]), done.stdout
