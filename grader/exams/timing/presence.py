"""The presence test: par beside the frozen submission must be as fast as par without it.

A frozen box can neither compute nor be asked, but the kernel may still work for it: timers that
were armed before, pages to be written back, queues to be torn down. If such work falls on the core
that par is asked on, par is slow and the submission looks fast: 16,000 timers made it 2.3 to 4.9
times as fast as it was. Ways to do so can be closed one by one (docker/seccomp.py); the effect is
the same for all of them, known or not, so the effect is measured.

First step. When everything has been asked, the submission's boxes are ended, and par answers again
in slices as before, switched against the null submission's. If it is clearly faster now than it was
in the timed phase, it is asked up to twice more, a moment later: on a busy machine the next moment
is another one. If it was slower in the timed phase than in all three, that is a suspicion, and no
more: the machine itself may have become faster since, and what it did then cannot be asked again.

Second step, only on suspicion. A fresh box trains the submission again. It is timed by turns with
par as before, a second of each phase, and is then ended at once, so that par beside it and par
alone are half a second apart. No code in the box can tell this from the first time. What holds then
is what is scored: the lower of the two ratios, less what par lost beside the box; and if par
surely lost a quarter or more of its speed, the result is flagged. So a machine that was disturbed
costs an honest submission some time, and no points: it would have to be disturbed twice, each time
exactly until the submission's box ends. A submission that slows its rival in some of its boxes only
gains nothing either: where the first step suspects it, the second timing counts.

Only what an interval carries is claimed. It comes from how much par's slices differ, beside the
submission and alone. Where it is too wide to see a quarter, the result says that the test could not
be held.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.errors import SandboxError, SubmissionFailed
from grader.exams.timing.companions import Companions
from grader.exams.timing.stopwatch import (
    NULL_CALLS,
    UNTIMED_CALLS,
    Phase,
    Side,
    Timing,
    Turn,
    median_of_calls,
    run_slice,
    timed_on_cores,
)
from grader.metrics.statistics import Z95
from grader.records import Code, Failure, Measured, Status

ALONE_SECONDS = 0.35  # that par is asked alone, each time, in each phase
LEAST_SLICES = 4  # of par alone, however long they take
WINDOWS = 3  # times that par is asked alone, before a loss is a suspicion
PAUSE_SECONDS = 1.0  # between two of them
SUSPICIOUS = 1.05  # times as slow beside the submission as alone
SLOWED = 1.25  # the same: from here on a result is flagged
TOO_WIDE = math.log(1.25)  # half an interval in logarithms: a loss of a quarter would not show
SURE = 2.6  # standard errors; one-sided 99.5 %
CONSISTENT = 1.4826  # median absolute deviations to standard deviations
LEAST_SPREAD = 0.005  # of slices: never believed to differ by less
# Neighbouring slices resemble each other: n of them count as n / 2.25 (a correlation of 0.4, as on
# a busy machine), and a median is less sure than a mean.
WIDENING = 1.5 * math.sqrt(math.pi / 2)


@dataclass(frozen=True)
class Asked:
    """A phase that was timed: its inputs, the form of its answers, and what was seen."""

    inputs: np.ndarray
    like: np.ndarray
    timing: Timing


@dataclass(frozen=True)
class Alone:
    """What par and the null submission took in one phase without the submission's box."""

    turns: Sequence[Turn]
    null_seconds: float | None


@dataclass(frozen=True)
class Loss:
    """How many times as long par took beside the submission as alone: a logarithm and its error."""

    log: float
    error: float

    @property
    def value(self) -> float:
        return math.exp(self.log)

    def at_least(self, errors: float) -> float:
        """Return the lower end of the interval of so many standard errors."""
        return math.exp(self.log - errors * self.error)

    def figure(self) -> Measured:
        half = Z95 * self.error
        return Measured(
            value=self.value,
            low=math.exp(self.log - half),
            high=math.exp(self.log + half),
            unit="ratio",
            spread="95% interval",
        )

    @property
    def is_suspicious(self) -> bool:
        return self.at_least(Z95) > SUSPICIOUS

    @property
    def is_too_wide(self) -> bool:
        """Whether a loss that would be flagged could hide in the interval."""
        return Z95 * self.error > TOO_WIDE


def par_alone(
    asked: Sequence[Asked], companions: Companions, deadline_seconds: float
) -> list[Alone]:
    """Ask par once more in each phase, by turns with the null submission."""
    boxes = [box for box in (companions.par, companions.null) if box is not None]
    with timed_on_cores(boxes, 1):
        return [phase_alone(each, companions, deadline_seconds) for each in asked]


def phase_alone(asked: Asked, companions: Companions, deadline_seconds: float) -> Alone:
    phase = asked.timing.phase
    par, null = companions.sides(asked.like, phase.first)
    assert par is not None
    assert null is not None
    most_calls = UNTIMED_CALLS + phase.slice_calls
    until = time.perf_counter() + ALONE_SECONDS
    while len(par.turns) < LEAST_SLICES or time.perf_counter() < until:
        ask_ours(asked, par, deadline_seconds, most_calls)
        ask_ours(asked, null, deadline_seconds, min(NULL_CALLS, most_calls))
    return Alone(par.turns, median_of_calls(null))


def ask_ours(asked: Asked, side: Side, deadline_seconds: float, most_calls: int) -> None:
    """Ask a box of ours for one slice, from the first input again where they are used up."""
    phase = whole_batches(asked.timing.phase)
    if side.position + phase.batch * (UNTIMED_CALLS + 1) > phase.last:
        side.position = phase.first
    try:
        run_slice(phase, asked.inputs, side, deadline_seconds, most_calls)
    except SubmissionFailed as failed:
        raise SandboxError(f"{side.name} failed while it was timed alone: {failed}") from None


def whole_batches(phase: Phase) -> Phase:
    """Return the phase without its last, shorter batch."""
    last = phase.last - (phase.last - phase.first) % phase.batch
    return Phase(phase.name, phase.batch, phase.first, last, phase.ask)


def loss_of(asked: Sequence[Asked], alone: Sequence[Alone]) -> Loss | None:
    """Return what par lost beside the submission, over the phases that count; None without any.

    The phases' logarithms are averaged, as those of the ratio to par are.
    """
    losses = []
    for each, without in zip(asked, alone, strict=True):
        beside = logs_of([pair.par for pair in each.timing.pairs])
        quiet = logs_of(without.turns)
        if each.timing.counts and len(beside) and len(quiet):
            losses.append(phase_loss(beside, quiet))
    if not losses:
        return None
    errors = math.sqrt(sum(loss.error**2 for loss in losses))
    return Loss(float(np.mean([loss.log for loss in losses])), errors / len(losses))


def phase_loss(beside: np.ndarray, alone: np.ndarray) -> Loss:
    """Return the loss from the logarithms of the slices' medians, beside the submission and alone.

    The few slices alone may agree by chance: they are never believed to differ less than those
    beside it.
    """
    spread = spread_of(beside)
    error = math.hypot(
        spread / math.sqrt(len(beside)),
        max(spread, spread_of(alone)) / math.sqrt(len(alone)),
    )
    return Loss(float(np.median(beside) - np.median(alone)), WIDENING * error)


def logs_of(turns: Sequence[Turn]) -> np.ndarray:
    """Return the logarithm of each slice's median, of those that have one."""
    middles = np.array([turn.middle for turn in turns])
    logs: np.ndarray = np.log(middles[np.isfinite(middles) & (middles > 0)])
    return logs


def spread_of(values: np.ndarray) -> float:
    """Return a standard deviation that a few outliers don't change."""
    deviation = float(np.median(np.abs(values - np.median(values))))
    return max(LEAST_SPREAD, CONSISTENT * deviation)


def slowed_par(loss: Loss) -> Failure | None:
    """Return why a result is flagged, if par surely lost too much beside the submission."""
    if loss.at_least(SURE) <= SLOWED:
        return None
    return Failure(
        Status.FLAGGED,
        Code.SLOWED_PAR,
        f"par took {loss.value:.1f} times as long beside the frozen submission as without it, in "
        "two trainings; expected the same: something that the submission left behind works on "
        "while it is frozen",
    )
