"""Whether this is the run that counts: where something is missing then, that is a failure."""

from __future__ import annotations

import os


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true") or os.environ.get("GRADER_CI") == "1"
