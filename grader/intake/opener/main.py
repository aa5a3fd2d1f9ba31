"""Limits this process, opens one hostile file, and says what became of it.

    main("zip", FILE, FOLDER)
    main("tar", FILE, FOLDER)
    main("notebook", FILE, SCRIPT)

Exit 0 and notes on standard output, or exit 2 and one line that says what was found and what was
expected.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from .notebooks import open_notebook
from .refused import Refused
from .tars import open_tar
from .unpacking import MAX_TOTAL_BYTES, MIB
from .zips import open_zip

MEMORY_BYTES = 1024 * MIB
CPU_SECONDS = 30
REFUSED = 2  # exit code
OPENERS = {"zip": open_zip, "tar": open_tar, "notebook": open_notebook}


def main(kind: str, source: str, target: str) -> int:
    """Open one file within the limits, and return the exit code."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_TOTAL_BYTES, MAX_TOTAL_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        notes = OPENERS[kind](Path(source), Path(target))
    except Refused as refused:
        print(refused)
        return REFUSED
    except MemoryError:
        print("it needs too much memory to open")
        return REFUSED
    print("\n".join(notes).encode("utf-8", "replace").decode())
    return 0
