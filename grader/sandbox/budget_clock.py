"""The clock of a budget: how long a box would have taken had it had its cores for itself.

Theory of operation. A budget of 60 s means 60 s of the cores that the task gives. On a busy machine
the wall clock runs on while a box waits for a core, so a deadline on it would make other programs
decide the verdict. This clock counts, between two looks at it,

    used = elapsed - taken by others

where *taken by others* is what the threads of the box waited for a core although they were ready to
run (the kernel counts it for each thread, host/waiting.py). Threads of one box wait for each other
as well: 64 of them on two cores wait 62 seconds a second on the quietest machine. So no more is
taken off than the processor time that programs outside the box really used meanwhile, shared among
the cores that the box would have worked on. And whatever it waited for, a box is never charged less
than its own processor time takes on the cores it was given and half a core more, which frameworks
need for their own threads. So neither many threads nor many processes buy a longer training, here
or on a machine with more cores.

**In doubt.** What others do to caches, memory and the other half of a core is seen by no counter.
While they take a good part of the processors (BUSY_SHARE), a training counts as late for certain
only after half a budget more (DOUBT), and one that ends in between is nobody's fault:
`grader_error` with the code `busy`. The same holds if a box got so little of a core that three
budgets have passed on the wall (MOST_WALL): somebody has to wait for it.

Every other deadline, of an import or of one answer, is read on this clock as well, but the counters
are left alone until an answer takes long (`AnswerClock`).

Where threads are not counted (macOS), what a box did not run while no core was idle counts as
waited. Of a box on another computer nothing is known, and nothing is taken off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from grader.errors import Busy, SubmissionFailed
from grader.host.machine import busy_seconds, usable_cores
from grader.host.other_programs import BUSY_SHARE, OtherPrograms
from grader.host.waiting import Waiting
from grader.records import Failure

SPARE_CORES = 0.5  # beside those that a box was given
DOUBT = 1.5  # budgets until a training beside busy programs is late for certain
MOST_WALL = 3.0  # budgets on the wall, whatever others took
# The box's own clock may tell a training to stop so long before ours says that it is due.
EARLY_SECONDS = 2.0
LOOK_SECONDS = 0.5  # between two looks at the kernel's counters
WHEN_QUIET = "run it again when they have finished, or with fewer submissions at a time."


class Deadline(Protocol):
    """A clock that a deadline is read on, and what it knows of other programs."""

    @property
    def used(self) -> float:
        """Seconds that the box had for itself."""

    @property
    def share_of_others(self) -> float:
        """The share of all usable processors that other programs took."""

    @property
    def is_contested(self) -> bool:
        """Whether other programs took so much that nobody can say whose fault a delay is."""

    def __call__(self) -> float:
        """Return what is compared with the deadline."""


class Watched(Protocol):
    """A box, as far as this goes."""

    def cpu_seconds(self) -> float:
        """Return the processor time it has used so far."""

    def local_pids(self) -> Iterable[int]:
        """Return its processes by this system's numbers; none if it runs on another computer."""


@dataclass(frozen=True)
class Look:
    """What the counters showed at one moment, in seconds."""

    moment: float
    own: float  # processor time of the box
    everybody: float  # of all programs on the usable cores
    waited: float  # by the threads of the box, together


class BudgetClock:
    """Seconds of its budget that a box has used since the clock was made."""

    def __init__(
        self,
        box: Watched,
        cores: int,
        others: OtherPrograms,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """cores: that the box was given. others: what tells how busy the machine is meanwhile."""
        self._box = box
        self._cores = cores
        self._others = others
        self._clock = clock
        self._waiting = Waiting()
        self._is_here = False
        self.used = 0.0
        self.elapsed = 0.0
        self.taken = 0.0  # by others
        self.share_of_others = 0.0  # of all usable processors
        self._last = self._look()

    def __call__(self) -> float:
        """Return what a deadline of the budget is read on: see *in doubt* in the module's head."""
        if self._clock() - self._last.moment >= LOOK_SECONDS:
            self.look()
        budgets = DOUBT if self.is_contested else 1.0
        return max(self.used / budgets, self.elapsed / MOST_WALL)

    @property
    def is_contested(self) -> bool:
        """Whether other programs took so much that nobody can say whose fault a delay is."""
        return self.share_of_others >= BUSY_SHARE

    def look(self) -> None:
        """Read the counters and add what was used since the last look."""
        now = self._look()
        last = self._last
        self._last = now
        elapsed = max(0.0, now.moment - last.moment)
        if not elapsed:
            return
        own = max(0.0, now.own - last.own)
        everybody = max(0.0, now.everybody - last.everybody)
        taken = self._taken(elapsed, own, everybody, max(0.0, now.waited - last.waited))
        self.elapsed += elapsed
        self.taken += taken
        self.used += max(elapsed - taken, own / (self._cores + SPARE_CORES))
        self.share_of_others = self._others.share() or 0.0

    def _taken(self, elapsed: float, own: float, everybody: float, waited: float) -> float:
        """Return how many of the elapsed seconds others took from the box."""
        if not self._is_here:
            return 0.0
        cores = len(usable_cores())
        if not self._waiting.is_known:
            idle = max(0.0, cores * elapsed - everybody)
            waited = max(0.0, elapsed - own - idle)
        lost = min(waited, max(0.0, everybody - own))
        width = min(max(1.0, (own + waited) / elapsed), cores)
        return min(elapsed, lost / width)

    def _look(self) -> Look:
        pids = list(self._box.local_pids())
        self._is_here = bool(pids)
        moment = self._clock()
        return Look(moment, self._box.cpu_seconds(), busy_seconds(), self._waiting.look(pids))


class AnswerClock:
    """The same clock for one answer: the counters are read only once that takes long."""

    def __init__(
        self, make: Callable[[], BudgetClock], *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """make: returns the clock that counts from the first look on."""
        self._make = make
        self._clock = clock
        self._began = clock()
        self._before = 0.0  # seconds until the first look
        self._budget_clock: BudgetClock | None = None

    def __call__(self) -> float:
        if self._budget_clock is None:
            self._before = self._clock() - self._began
            if self._before < LOOK_SECONDS:
                return self._before
            self._budget_clock = self._make()
        return self._before + self._budget_clock()

    @property
    def used(self) -> float:
        """Seconds that the box had for itself."""
        counted = 0.0 if self._budget_clock is None else self._budget_clock.used
        return self._before + counted

    @property
    def share_of_others(self) -> float:
        """The share of all usable processors that other programs took."""
        return 0.0 if self._budget_clock is None else self._budget_clock.share_of_others

    @property
    def is_contested(self) -> bool:
        """Whether other programs took so much that nobody can say whose fault a delay is."""
        return self.share_of_others >= BUSY_SHARE


def lateness(
    failure: Failure,
    clock: Deadline,
    budget: float,
    *,
    doubt: float = DOUBT,
    due: float | None = None,
) -> SubmissionFailed | Busy:
    """Return what to raise where something was late: Busy where that may be others' fault.

    It is not if the box had `doubt` budgets for itself; see *in doubt* in the module's head.
    due: seconds at which a box that stops by itself does so; the whole budget unless given.
    """
    if not clock.is_contested and clock.used >= earliest(due or budget):
        return SubmissionFailed(failure)
    took = f"Other programs took {clock.share_of_others:.0%} of the processors meanwhile"
    if clock.used >= doubt * budget:
        reason = f"{failure.reason} {took}, but it had {clock.used:.0f} s for itself."
        return SubmissionFailed(replace(failure, reason=reason))
    return Busy(
        f"{failure.reason} {took}, so that nobody can say how long it takes. This is not the "
        f"submission's fault, and it has no score: {WHEN_QUIET}"
    )


def earliest(due: float) -> float:
    """Return after how many seconds of ours a box may say that it is late."""
    return max(due - EARLY_SECONDS, due / 2)
