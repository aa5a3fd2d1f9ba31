"""Where data sets lie on this computer."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def data_folder(given: Path | None) -> Path:
    """Return the folder for data sets: the one given, GRADER_DATA, or the user's cache."""
    if given is not None:
        return given
    named = os.environ.get("GRADER_DATA")
    if named:
        return Path(named)
    return Path(platformdirs.user_cache_dir("dl-grader")) / "data"
