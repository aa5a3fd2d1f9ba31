"""Begins a process that a submission starts afresh. Run there by its path, see `spawned`.

A spawned process has no search path of ours either, so the package is loaded from its own folder,
as `__main__.py` does for the runner itself. A child of the fork server, and one that a child
starts, may have it already.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NAME = "_grader_runner"
TOLD: dict[str, Any] = globals().get("TOLD", {})

if NAME not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        NAME, HERE / "__init__.py", submodule_search_locations=[str(HERE)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)

from _grader_runner import spawned  # noqa: E402

spawned.begin(TOLD)
