"""What a batch is asked to do."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grader.host.machine import CPU
from grader.logs import is_showing_everything

Authors = Literal["names", "claimed"]


@dataclass(frozen=True)
class Settings:
    """Everything that holds for a whole batch; each of its workers is told it once.

    jobs: how many submissions are graded at a time. repeats: how often each is trained and graded.
    again: grade also what has a result already.
    """

    results: Path
    task_id: str | None = None  # None: each submission says its own
    sandbox: str = "auto"
    trusted: bool = False  # plain processes are allowed
    authors: Authors = "names"  # of what lies in the folder, or as submission.toml claims
    device: str = CPU  # or the UUID of a GPU
    audit: str = ""  # as `pipeline.grade` takes it
    data_folder: Path | None = None
    hidden: Path | None = None  # folder with private hidden parts, as `find_part` takes it
    jobs: int = 1
    repeats: int = 1
    again: bool = False
    node: str = ""  # the name of the computer, where an engine spreads a batch over several
    verbose: bool = field(default_factory=is_showing_everything)
    batch_pid: int = field(default_factory=os.getpid)
