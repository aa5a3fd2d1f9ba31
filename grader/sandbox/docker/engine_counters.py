"""Counters of a container on another computer, where its control group's files are out of reach.

The engine is asked instead. With cgroup v1 it knows the peak of the memory; with v2 only what is in
use, so a thread samples that twice a second and the figure says so. A container that ended has no
figures, so the last ones are kept.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from typing import Any

from docker.errors import DockerException

from grader.sandbox.counters import Counts

SAMPLE_SECONDS = 0.5


class EngineCounters:
    """The counters of one container, asked over the engine's API. Offers what `Group` offers."""

    def __init__(self, api: Any, container: str) -> None:
        self._api = api
        self._container = container
        self._one_shot = {"one_shot": True}
        self._counts = Counts()
        self.source = "engine"
        self._lock = threading.Lock()
        self._done = threading.Event()
        threading.Thread(target=self._sample, name="box-counters", daemon=True).start()

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.counts()

    def close(self) -> None:
        """Stop sampling."""
        self._done.set()

    def counts(self) -> Counts:
        """Return the engine's newest figures, or the last that it gave; never raises."""
        # The form of an answer differs between engines: what is missing leaves the last figures.
        trouble = (DockerException, OSError, ValueError, KeyError, TypeError)
        with self._lock, contextlib.suppress(*trouble):
            self._take(self._ask())
        return self._counts

    def _take(self, answer: dict[str, Any]) -> None:
        """Keep the larger of the last figures and these: none of them ever falls."""
        memory = answer.get("memory_stats") or {}
        processor = answer.get("cpu_stats") or {}
        processes = (answer.get("pids_stats") or {}).get("current") or 0
        throttled = (processor.get("throttling_data") or {}).get("throttled_time", 0) / 1e9
        seconds = (processor.get("cpu_usage") or {}).get("total_usage", 0) / 1e9
        peak = memory.get("max_usage")
        if peak is None:
            self.source = f"engine, sampled every {SAMPLE_SECONDS} s"
            peak = memory.get("usage", 0)
        else:
            self.source = "engine, cgroup v1"
        last = self._counts
        self._counts = Counts(
            peak_bytes=max(int(peak), last.peak_bytes or 0) or None,
            cpu_seconds=max(seconds, last.cpu_seconds or 0.0),
            processes_peak=max(processes, last.processes_peak or 0) or None,
            throttled_seconds=max(throttled, last.throttled_seconds),
        )

    def _ask(self) -> dict[str, Any]:
        """Return the engine's own words; engines before 1.41 look twice, a second apart."""
        try:
            return dict(self._api.stats(self._container, stream=False, **self._one_shot))
        except DockerException:
            if not self._one_shot:
                raise
            self._one_shot = {}
            return dict(self._api.stats(self._container, stream=False))

    def peak_bytes(self) -> int | None:
        return self.counts().peak_bytes

    def cpu_seconds(self) -> float | None:
        return self.counts().cpu_seconds

    def oom_kills(self) -> int:
        """Return 0: the engine tells of them only at the end, in the container's state."""
        return 0

    def pids(self) -> list[int]:
        """Return nothing: the numbers of processes elsewhere mean nothing here."""
        return []

    has_freezer = False  # the engine has to be asked for it

    def freeze(self) -> bool:
        """Return False: the engine has to be asked for it."""
        return False

    def thaw(self) -> bool:
        """Return False: the engine has to be asked for it."""
        return False

    def pin(self, cores: Sequence[int]) -> bool:
        """Return False: the engine has to be asked for it."""
        return False
