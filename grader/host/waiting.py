"""How long programs were ready to run and had no core: what a busy machine takes from them.

Linux counts it for every thread, in /proc/<process>/task/<thread>/schedstat: nanoseconds on a core,
nanoseconds of waiting for one, and how often it got one. A thread that sleeps does not wait. What
threads that ended since the last look had waited is lost, so the sum errs on the low side.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

NANO = 1e-9


class Waiting:
    """Sums up how long the threads of a changing set of processes waited for a core."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}  # nanoseconds that each living thread had waited by then
        self._nanoseconds = 0
        self.is_known = False  # whether this system has counted any thread

    def look(self, pids: Iterable[int]) -> float:
        """Return the seconds that were waited from the first look until now.

        pids: the processes to count now, by this system's numbers. A thread counts from the first
        look at it, so one that began after that of its process counts in full.
        """
        found = waited_by_thread(pids)
        is_first = not self.is_known
        self.is_known = self.is_known or bool(found)
        if not is_first:
            grown = (waited - self._seen.get(thread, 0) for thread, waited in found.items())
            self._nanoseconds += sum(grown)
        self._seen = found
        return self._nanoseconds * NANO


def waited_by_thread(pids: Iterable[int]) -> dict[str, int]:
    """Return how many nanoseconds each thread has waited for a core; none where nobody counts."""
    found = {}
    for pid in pids:
        for thread in threads_of(pid):
            try:
                found[thread.name] = int((thread / "schedstat").read_text().split()[1])
            except (OSError, ValueError, IndexError):
                continue
    return found


def threads_of(pid: int) -> list[Path]:
    """Return the folders of a process's threads; none if it has ended."""
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
