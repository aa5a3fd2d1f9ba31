"""Timed, paired calls: submission and par answer the same fresh inputs by turns. The clock is ours.

Theory of operation. Both boxes are pinned to the same cores and this process to another. They
answer in slices of equal time, submission, par, par, submission and so on, and whoever is not asked
is frozen. What is scored is the ratio of a pair of slices: whatever disturbs the machine for longer
than a slice disturbs both sides alike. A null submission's round trip is measured in the same
slices, to say how much of a figure is the wire.

The discarded call. After every switch the first call is answered and graded like any other, but not
timed: it finds cold caches, and a box that was thawed a moment ago has to be scheduled first. Nor
is a last, shorter batch. How long they took is kept all the same, beside par's: `estimates` charges
what takes longer there than par's own first calls explain.

No phase is chosen by the submission. A phase that slow calls cut short, because they used up the
time it may take, is scored by its worst pair instead of being left out.

The frozen box. While par is asked, the submission's box is frozen, so that it can neither work
ahead nor get in par's way. Its processor time is read before and after: if it grew, the box was not
idle, and the result is flagged.

Nobody sleeps. Waking a sleeping process on another core takes 50 to 100 us on a virtual machine,
three times the round trip itself, so both ends look for bytes for a while before they sleep: the
median round trip for one MNIST image fell from 96 us to 24 us (docs/measure/measuring.md). Nor is
garbage collected here: a collection in mid-call would be charged to whoever happened to be asked.
"""

from __future__ import annotations

import contextlib
import gc
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from grader.errors import SandboxError, SubmissionFailed
from grader.host.machine import usable_cores
from grader.records import Code, Failure, Status
from grader.sandbox.box import Box

SLICE_SECONDS = 0.05  # of each side at most, before the other has its turn
SINGLE_PAIRS = 24  # slices a side that one-input phases are cut into at least: inputs must last
BATCH_PAIRS = 8  # the same for phases in batches
UNTIMED_CALLS = 1  # after each switch
NULL_EVERY = 4  # pairs of slices between two of the null submission
NULL_CALLS = 12
MIN_NULLS = 10  # a phase in which par takes fewer null round trips is shown, not scored
MIN_PAIRS = 5
IDLE_CPU_SECONDS = 0.1  # what a frozen box may seem to use over a whole run: the clock's own grain
SPIN_SECONDS = 0.05  # how long this process looks for a reply without sleeping, once nearly due
NANO = 1e-9


# Asks a box about a few inputs, writes its answers to the slot given and returns the nanoseconds
# that took: ask(box, inputs, slot, deadline_seconds).
Ask = Callable[[Box, np.ndarray, np.ndarray, float], int]


def ask_scores(box: Box, batch: np.ndarray, answers: np.ndarray, deadline_seconds: float) -> int:
    """Ask a model for float32 scores, shape (n, columns of `answers`)."""
    answers[:], nanoseconds = box.predict(batch, answers.shape[1], deadline_seconds)
    return nanoseconds


class Turn(NamedTuple):
    """The seconds that the calls of one slice took: the timed ones, and those that are not."""

    timed: Sequence[float]
    untimed: Sequence[float]

    @property
    def middle(self) -> float:
        """The median of the timed calls, NaN if there is none."""
        return float(np.median(self.timed)) if self.timed else math.nan


class Pair(NamedTuple):
    """A slice of the submission and the one of par beside it."""

    own: Turn
    par: Turn

    @property
    def ratio(self) -> float:
        """Par's seconds over the submission's, NaN if a side has no timed call."""
        return self.par.middle / self.own.middle


@dataclass
class Side:
    """One box that is timed, and what it answered.

    scores: a row for each input, in the order the inputs are asked; float32 (n, classes) of a
    classifier. position: how many inputs it has answered. turns: what each slice of the phase at
    hand took. idle_cpu_seconds: processor time it used while it was frozen and par was asked.
    """

    name: str
    box: Box
    scores: np.ndarray
    position: int = 0
    turns: list[Turn] = field(default_factory=list)
    idle_cpu_seconds: float = 0.0

    def calls(self) -> list[float]:
        """Return the seconds of every timed call of the phase at hand."""
        return [seconds for turn in self.turns for seconds in turn.timed]


@dataclass(frozen=True)
class Phase:
    """One timed phase: requests of `batch` inputs each, cut from positions first to last."""

    name: str
    batch: int
    first: int
    last: int
    ask: Ask = ask_scores

    @property
    def slice_calls(self) -> int:
        """How many timed calls one slice may hold, so that the inputs last for enough pairs."""
        pairs = SINGLE_PAIRS if self.batch == 1 else BATCH_PAIRS
        calls = (self.last - self.first) // self.batch
        return max(1, calls // pairs - UNTIMED_CALLS)


@dataclass
class Timing:
    """What one phase showed.

    calls: the submission's seconds a call. ratios: par's seconds over the submission's, one for
    each pair of slices. null_seconds, par_seconds: medians; None where they were not asked. pairs:
    all calls, also the untimed ones. was_cut_short: the submission used up the phase's time before
    there were enough pairs.
    """

    phase: Phase
    calls: np.ndarray
    ratios: np.ndarray
    null_seconds: float | None
    par_seconds: float | None
    par_calls: np.ndarray = field(default_factory=lambda: np.empty(0))
    pairs: Sequence[Pair] = ()
    was_cut_short: bool = False

    @property
    def counts(self) -> bool:
        """Whether the ratio may be scored: enough pairs, and par takes ten null round trips."""
        if self.null_seconds is None or self.par_seconds is None:
            return False
        return len(self.scored_ratios) > 0 and self.par_seconds >= MIN_NULLS * self.null_seconds

    @property
    def scored_ratios(self) -> np.ndarray:
        """The ratios that may be scored: of too few pairs none, or the worst if cut short."""
        if len(self.ratios) >= MIN_PAIRS:
            return self.ratios
        if self.was_cut_short and len(self.ratios):
            return np.full(MIN_PAIRS, self.ratios.min())
        return self.ratios[:0]


@contextlib.contextmanager
def timed_on_cores(boxes: Sequence[Box], cores_wanted: int) -> Iterator[None]:
    """Pin the boxes to the same cores and this process to another, with garbage collection off."""
    cores = usable_cores()
    theirs = cores[1 : 1 + cores_wanted] or cores
    can_pin = len(cores) > 1 and hasattr(os, "sched_setaffinity")
    was_collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        if can_pin:
            pin_own_threads(cores[:1])
            for box in boxes:
                box.pin(theirs)
                box.wire.spin_seconds = SPIN_SECONDS
        yield
    finally:
        if can_pin:
            pin_own_threads(cores)
        for box in boxes:
            box.wire.spin_seconds = 0.0
        if was_collecting:
            gc.enable()


def pin_own_threads(cores: Sequence[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)


def run_phase(
    phase: Phase,
    inputs: np.ndarray,
    own: Side,
    par: Side | None,
    null: Side | None,
    deadline_seconds: float,
    budget_seconds: float | None = None,
) -> Timing:
    """Let each side answer its inputs of this phase once, by turns; return what was seen.

    budget_seconds: stop after so much of the submission's time; what is left of the inputs goes to
    the next phase. SubmissionFailed where the submission fails, SandboxError where par does.
    """
    race = Race(phase, inputs, own, par, null, deadline_seconds)
    spent = 0.0
    while own.position < phase.last and (budget_seconds is None or spent < budget_seconds):
        spent += race.run_pair()
    return race.timing(was_cut_short=own.position < phase.last)


class Race:
    """One phase under way: pairs of slices, and now and then one of the null submission."""

    def __init__(
        self,
        phase: Phase,
        inputs: np.ndarray,
        own: Side,
        par: Side | None,
        null: Side | None,
        deadline_seconds: float,
    ) -> None:
        self._phase = phase
        self._inputs = inputs
        self._own = own
        self._par = par
        self._null = null
        self._deadline_seconds = deadline_seconds
        self._most_calls = UNTIMED_CALLS + phase.slice_calls
        self._pairs = 0
        for side in (own, par, null):
            if side is not None:
                side.turns = []

    def run_pair(self) -> float:
        """Let both sides answer for one slice each; return the seconds of the submission's."""
        spent = 0.0
        sides = [self._own, self._par]
        # Who begins alternates, so that a drift of the machine's speed favours nobody.
        if self._pairs % 2:
            sides.reverse()
        for side in sides:
            if side is self._own:
                spent = self._slice(side, self._most_calls)
            elif side is not None:
                self._slice_of_par(side)
        if self._null is not None and self._pairs % NULL_EVERY == 0:
            self._slice_of_null(self._null)
        self._pairs += 1
        return spent

    def _slice(self, side: Side, most_calls: int) -> float:
        return run_slice(self._phase, self._inputs, side, self._deadline_seconds, most_calls)

    def _slice_of_ours(self, side: Side, most_calls: int) -> None:
        """Ask a box of ours; if it fails, that is our trouble and not the learner's."""
        try:
            self._slice(side, most_calls)
        except SubmissionFailed as failed:
            raise SandboxError(f"{side.name} failed while it was timed: {failed}") from None

    def _slice_of_par(self, par: Side) -> None:
        before = self._own.box.cpu_seconds()
        self._slice_of_ours(par, self._most_calls)
        self._own.idle_cpu_seconds += self._own.box.cpu_seconds() - before

    def _slice_of_null(self, null: Side) -> None:
        self._slice_of_ours(null, min(NULL_CALLS, self._most_calls))

    def timing(self, *, was_cut_short: bool = False) -> Timing:
        """Return what was seen so far."""
        par_turns = self._par.turns if self._par is not None else []
        pairs = [Pair(*turns) for turns in zip(self._own.turns, par_turns, strict=False)]
        ratios = np.array([pair.ratio for pair in pairs])
        return Timing(
            self._phase,
            np.array(self._own.calls()),
            ratios[np.isfinite(ratios)],
            median_of_calls(self._null),
            median_of_calls(self._par),
            np.array(self._par.calls() if self._par is not None else []),
            pairs,
            was_cut_short,
        )


def median_of_calls(side: Side | None) -> float | None:
    """Return the median seconds of a side's timed calls; None where there are none."""
    calls = side.calls() if side is not None else []
    return float(np.median(calls)) if calls else None


def run_slice(
    phase: Phase, inputs: np.ndarray, side: Side, deadline_seconds: float, most_calls: int
) -> float:
    """Ask one side for one slice of time and return the seconds it took.

    The side is thawed before and frozen after. A last, shorter batch is not timed.
    """
    side.box.thaw()
    timed: list[float] = []
    untimed: list[float] = []
    began = time.perf_counter()
    while side.position < phase.last and len(timed) + len(untimed) < most_calls:
        count, nanoseconds = ask_next(phase, inputs, side, deadline_seconds)
        is_timed = len(untimed) >= UNTIMED_CALLS and count == phase.batch
        (timed if is_timed else untimed).append(nanoseconds * NANO)
        if timed and time.perf_counter() - began >= SLICE_SECONDS:
            break
    used = time.perf_counter() - began
    side.box.freeze()
    side.turns.append(Turn(timed, untimed))
    return used


def ask_next(
    phase: Phase, inputs: np.ndarray, side: Side, deadline_seconds: float
) -> tuple[int, int]:
    """Ask a side about its next inputs; return how many these were, and the nanoseconds."""
    start = side.position
    end = min(start + phase.batch, phase.last)
    slot = side.scores[start:end]
    nanoseconds = phase.ask(side.box, inputs[start:end], slot, deadline_seconds)
    side.position = end
    return end - start, nanoseconds


def ask_untimed(phase: Phase, inputs: np.ndarray, side: Side, deadline_seconds: float) -> None:
    """Let one side answer the inputs of a phase with nobody beside it; they count for no speed."""
    while side.position < phase.last:
        ask_next(phase, inputs, side, deadline_seconds)


def worked_while_idle(side: Side) -> Failure | None:
    """Return why a result is flagged if the box worked while it had to be still."""
    used = side.idle_cpu_seconds
    if used <= IDLE_CPU_SECONDS:
        return None
    return Failure(
        Status.FLAGGED,
        Code.WORKED_WHILE_IDLE,
        (
            f"the submission used {used:.2f} s of processor time while it was frozen and par was "
            "being asked"
        ),
    )
