"""The engine of this computer: each place is a process, and the processes share its cores."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from grader.grading.engines.engine import IsWanted
from grader.grading.settings import Settings
from grader.grading.worker import Worker

HERE = ""  # the name of a place on this computer: it needs none


class LocalEngine:
    """Workers on this computer, `settings.jobs` of them."""

    tries = 1  # what went wrong here would go wrong here again

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._starting = threading.Lock()  # processes are started one after another

    def places(self) -> Sequence[str]:
        return [HERE] * self._settings.jobs

    def start(self, place: str, is_wanted: IsWanted) -> Worker:
        with self._starting:
            return Worker(self._settings)

    def is_lost(self, place: str) -> bool:
        return False
