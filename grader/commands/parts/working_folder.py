"""A folder to work in, which goes when the command ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.host.ownership import temporary_folder
from grader.sandbox.leftovers import remove_leftovers


@contextmanager
def working_folder() -> Iterator[Path]:
    """Give a temporary folder, after removing what killed graders left behind."""
    remove_leftovers()
    with temporary_folder("run") as folder:
        yield folder
