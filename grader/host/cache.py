"""What is kept between runs, and where: the folder named in GRADER_CACHE, or the user's cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import GraderError


def cache_path() -> Path:
    """Return where things are kept between runs; nothing need be there yet."""
    named = os.environ.get("GRADER_CACHE")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("dl-grader"))


def cache_folder() -> Path:
    """Return that folder, made where it is missing. GraderError where it can't be."""
    folder = cache_path()
    with cache_trouble(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def cache_trouble(folder: Path) -> Iterator[None]:
    """Say what to do where the cache cannot be written."""
    try:
        yield
    except OSError as error:
        raise GraderError(
            f"what is kept between runs cannot be written to {folder}: {error.strerror or error}. Free space there, or "
            "name another folder in GRADER_CACHE."
        ) from None
