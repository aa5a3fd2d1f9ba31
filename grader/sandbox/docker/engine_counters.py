"""What an engine elsewhere tells of one container: its control group's files are not on this
computer.

The engine is asked. With cgroup v1 it knows the peak of the memory; with v2 only what is in use,
which is sampled in a thread, and the figure says so. A container that ended has no figures, so the
last ones are kept.
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
    """The counters of one container, asked over the engine's API. Has what `counters.Group` has."""

    def __init__(self, api: Any, container: str) -> None:
        self._api, self._container = api, container
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
        self._done.set()

    def counts(self) -> Counts:
        """Return what the engine says now, or said last; never raises."""
        with (
            self._lock,
            contextlib.suppress(DockerException, OSError, ValueError, KeyError, TypeError),
        ):
            said = self._ask()
            memory, used = said.get("memory_stats") or {}, said.get("cpu_stats") or {}
            peak = memory.get("max_usage")
            self.source = (
                f"engine, sampled every {SAMPLE_SECONDS} s" if peak is None else "engine, cgroup v1"
            )
            seen = int(memory.get("usage", 0) if peak is None else peak)
            throttled = (used.get("throttling_data") or {}).get("throttled_time", 0)
            processes = (said.get("pids_stats") or {}).get("current")
            seconds = (used.get("cpu_usage") or {}).get("total_usage", 0) / 1e9
            last = self._counts
            self._counts = Counts(
                max(seen, last.peak_bytes or 0) or None,
                0,
                max(seconds, last.cpu_seconds or 0.0),
                max(processes or 0, last.processes_peak or 0) or None,
                0,
                max(throttled / 1e9, last.throttled_seconds),
            )
        return self._counts

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

    def freeze(self, still: bool) -> bool:
        """Return False: freezing is asked of the engine as well."""
        return False

    def pin(self, cores: Sequence[int]) -> bool:
        """Return False: so is pinning."""
        return False
