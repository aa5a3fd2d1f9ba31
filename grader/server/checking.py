"""The quick check: held when an upload comes, and not only when its turn does.

Whoever waits two hours in a queue for "solution.py is not there" has lost two hours. So two looks
are taken beside the grading, by a thread of the grading process:

- **Read**, at once and always: it is opened in the limited child, its task and the functions that
  the task asks for are looked for in its source. Nothing of it runs.
- **In a box**, as soon as no timing runs on this computer: on small stand-in data, in seconds.

**Why a box waits.** The speed in a result is a ratio of two sides that are timed in turns. A box
that works beside them takes a core and the caches from whichever side has its turn. So a check
holds the lock of the timed phases (exams/timing/locks.py) while it has its box: none begins
meanwhile, and none is disturbed. It waits `WAIT_SECONDS` for the lock, says so on the page, and
tries again later; and between two checks it leaves the lock alone for `PAUSE_SECONDS`, so that a
class that uploads at once delays a timed phase by one check, not by three hundred.

What was not held by then is held at the upload's turn, as before it is graded.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from typing import Protocol

from grader.errors import GraderError, SubmissionRefused
from grader.server.checked import BOX, LATER, READ, Checked, checked_of, found_by
from grader.server.jobs import WAITING, Job, Jobs
from grader.server.order import Order, Watched, Watcher

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
WAIT_SECONDS = 2.0  # for a timing to end, at once
PAUSE_SECONDS = 0.5  # between two boxes: a timed phase that waits looks twenty times a second
END_SECONDS = 20.0  # for a check that is being held when grading ends
NICE = 10  # behind whatever else this computer does
TIMING = (
    "Something is being timed on this computer just now, and a box beside it would disturb that. "
    "It is tried out in a box as soon as that has ended, at the latest before it is graded."
)
PAUSED = "Grading is paused; it is tried out in a box when that goes on."


class Checker(Protocol):
    """Who holds checks."""

    def read(self, order: Order) -> dict[str, object]:
        """Look without running anything. SubmissionRefused if it can't be graded."""

    def check(self, order: Order, watcher: Watcher) -> dict[str, object]:
        """Look, in seconds, in a box. SubmissionRefused if it can't be graded."""

    def untimed(self, seconds: float) -> AbstractContextManager[bool]:
        """Keep timings away; gives whether that could be had within so many seconds."""


class Checking:
    """Holds the quick checks of a queue."""

    def __init__(self, jobs: Jobs, checker: Checker, order_of: Callable[[Job], Order]) -> None:
        self._jobs = jobs
        self._checker = checker
        self._order_of = order_of
        self._one = threading.Lock()  # one check at a time, and each once

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Hold checks in a thread, as they become due."""
        stop = threading.Event()
        thread = threading.Thread(target=self._run, args=(stop,), name="checks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(END_SECONDS)

    def _run(self, stop: threading.Event) -> None:
        step_back()
        while not stop.is_set():
            pause = LOOK_SECONDS
            # A database that is locked or full for a moment is asked again.
            with suppress(sqlite3.Error):
                pause = self.next()
            stop.wait(pause)

    def next(self) -> float:
        """Hold the check that is due, if one is; return after how many seconds to look again."""
        waiting = [job for job in self._jobs.waiting() if not job.again]
        for job in waiting:
            if not job.checked:
                self._read(job)
                return 0.0
        for job in waiting:
            if checked_of(job.checked).held == READ:
                return self._try_out(job)
        return LOOK_SECONDS

    def at_turn(self, job: Job, order: Order, watcher: Watcher) -> None:
        """Hold what of a check was not held yet. SubmissionRefused if it can't be graded."""
        with self._one:
            now = self._jobs.job(job.id)
            found = Checked() if now is None else checked_of(now.checked)
            if found.held != BOX:
                if found.held != READ:
                    self._keep(job, found_by(READ, self._checker.read(order)))
                # Others may be timing here; they are done in a while, and who waits longest is us.
                with self._checker.untimed(WAIT_SECONDS):
                    found = found_by(BOX, self._checker.check(order, watcher))
                self._keep(job, found)
        if found.refused:
            raise SubmissionRefused(found.refused)

    def _read(self, job: Job) -> None:
        """Read an upload that waits."""
        with self._one:
            if self._is_due(job, ""):
                self._look(job, READ, lambda: self._checker.read(self._order_of(job)))

    def _try_out(self, job: Job) -> float:
        """Try out an upload that waits in a box; return when to look again, in seconds."""
        with self._one:
            if not self._is_due(job, READ):
                return 0.0
            if self._jobs.paused():
                return self._put_off(job, PAUSED)
            with self._checker.untimed(WAIT_SECONDS) as is_quiet:
                if not is_quiet:
                    return self._put_off(job, TIMING)
                order = self._order_of(job)
                watcher = Watched(self._jobs, job.id)
                self._look(job, BOX, lambda: self._checker.check(order, watcher))
        return PAUSE_SECONDS

    def _is_due(self, job: Job, held: str) -> bool:
        """Whether an upload still waits, and its check is as far as that."""
        now = self._jobs.job(job.id)
        return now is not None and now.state == WAITING and checked_of(now.checked).held == held

    def _put_off(self, job: Job, why: str) -> float:
        """Say why an upload is not tried out yet."""
        found = checked_of(job.checked)
        if found.waits != why:
            self._keep(job, replace(found, waits=why))
        return LOOK_SECONDS

    def _look(self, job: Job, held: str, look: Callable[[], dict[str, object]]) -> None:
        """Keep what a look finds. Trouble of the grader's own puts the check off to its turn."""
        try:
            self._keep(job, found_by(held, look()))
        except SubmissionRefused as refused:
            # Kept as well: its turn may have come meanwhile.
            self._keep(job, Checked(BOX, refused=str(refused)))
            self._jobs.refuse_waiting(job.id, str(refused))
        except (GraderError, OSError) as error:
            log.warning("the check of job %s waits: %s", job.id, error)
            self._keep(job, Checked(LATER))
        except Exception:
            log.exception("the check of job %s", job.id)
            self._keep(job, Checked(LATER))

    def _keep(self, job: Job, found: Checked) -> None:
        self._jobs.set_checked(job.id, found.as_json())


def step_back() -> None:
    """Let this thread, and what it starts, give way to everything else. Only Linux can do that."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
