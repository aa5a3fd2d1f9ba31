"""Timed, paired calls: latency, throughput, and the ratio to par. The clock is the host's.

Submission and par answer the same fresh inputs in alternating slices of equal time, pinned to the
same cores, the host on another; whoever is not asked is frozen. The first calls after each switch
are answered and graded but not timed. What is scored is the ratio of a pair of slices, its median
and a bootstrap interval. A null runner's round trip is measured in the same slices, to say how much
of a figure is the wire.
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

import numpy as np

from grader.errors import SandboxError, SubmissionFailed
from grader.host.machine import usable_cores
from grader.records import Failure, Measured, Status
from grader.sandbox.box import Box

SLICE_SECONDS = 0.05  # of each side at most, before the other has its turn
SINGLE_PAIRS = (
    24  # pairs of slices the latency phase is cut into at least: a finite hidden set must last
)
BATCH_PAIRS = 8  # the same for the throughput phase
UNTIMED_CALLS = 1  # after each switch
NULL_EVERY = 4  # pairs of slices between two of the null runner
NULL_CALLS = 12
MIN_NULLS = 10  # a phase in which par takes fewer null round trips is shown, not scored
NOISY_SHARE = 0.10  # quartile distance over median
P90_CALLS = 64  # below this many calls no 90th percentile is claimed
BOOTSTRAPS = 2000
MOST_CORRELATION = 0.8
MIN_PAIRS = 5
IDLE_CPU_SECONDS = (
    0.1  # what a frozen box may seem to use over a whole run, for the clock's own grain
)
SPIN_SECONDS = (
    0.05  # how long this process looks for a reply without sleeping, once it is nearly due
)
NANO = 1e-9


# Asks a box for its answers to a few inputs, writes them to the slot given, and returns the
# nanoseconds it took.
Ask = Callable[[Box, np.ndarray, np.ndarray, float], int]


def ask_scores(box: Box, batch: np.ndarray, answers: np.ndarray, deadline_seconds: float) -> int:
    """Ask a classifier for its scores."""
    answers[:], nanoseconds = box.predict(batch, answers.shape[1], deadline_seconds)
    return nanoseconds


@dataclass
class Side:
    """One box that is timed, and what it answered."""

    name: str
    box: Box
    scores: (
        np.ndarray
    )  # a row an input, in the order the inputs are asked; float32 (n, classes) of a classifier
    position: int = 0
    calls: list[float] = field(
        default_factory=list
    )  # seconds a call of the phase at hand, timed ones only
    slices: list[float] = field(default_factory=list)  # median seconds a call, for each slice
    idle_cpu_seconds: float = 0.0  # processor time used while it was frozen and par was asked


@dataclass(frozen=True)
class Phase:
    """One timed phase: requests of `batch` inputs each, cut from positions first to last."""

    name: str
    batch: int
    first: int
    last: int
    ask: Ask = ask_scores


@dataclass
class Timing:
    """What one phase showed for one side."""

    phase: Phase
    calls: np.ndarray  # seconds
    ratios: np.ndarray  # par's seconds over the submission's, one for each pair of slices
    null_seconds: float | None
    par_seconds: float | None
    par_calls: np.ndarray = field(default_factory=lambda: np.empty(0))  # seconds

    @property
    def counts(self) -> bool:
        """Whether the ratio may be scored: enough pairs, and par takes ten null round trips or
        more.
        """
        enough = len(self.ratios) >= MIN_PAIRS
        if self.null_seconds is None or self.par_seconds is None:
            return False
        return enough and self.par_seconds >= MIN_NULLS * self.null_seconds


@contextlib.contextmanager
def timed_on_cores(boxes: Sequence[Box], cores_wanted: int) -> Iterator[None]:
    """Pin the boxes to the same cores and this process to another, with garbage collection off."""
    cores = usable_cores()
    own = cores[:1]
    theirs = cores[1 : 1 + cores_wanted] or cores
    pinned = len(cores) > 1 and hasattr(os, "sched_setaffinity")
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        if pinned:
            pin_own_threads(own)
            for box in boxes:
                box.pin(theirs)
                box.wire.spin_seconds = SPIN_SECONDS
        yield
    finally:
        if pinned:
            pin_own_threads(cores)
        for box in boxes:
            box.wire.spin_seconds = 0.0
        if collecting:
            gc.enable()


def pin_own_threads(cores: Sequence[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
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
    """Let each side answer its inputs of this phase once, in alternating slices; return what was
    seen.

    budget_seconds: stop after so much time of the submission's; what is left goes to the next
    phase.
    """
    sides = [side for side in (own, par) if side is not None]
    for side in (*sides, *([null] if null is not None else [])):
        side.calls, side.slices = [], []
    calls_in_slice = UNTIMED_CALLS + slice_calls(phase)
    ratios: list[float] = []
    pairs = 0
    spent = 0.0
    null_calls: list[float] = []
    while own.position < phase.last and (budget_seconds is None or spent < budget_seconds):
        for side in sides if pairs % 2 == 0 else reversed(sides):
            if side is own:
                spent += run_slice(phase, inputs, own, deadline_seconds, calls_in_slice)
                continue
            before = own.box.cpu_seconds()
            run_ours(phase, inputs, side, deadline_seconds, calls_in_slice)
            own.idle_cpu_seconds += own.box.cpu_seconds() - before
        if par is not None and len(own.slices) == len(par.slices) == pairs + 1:
            mine, theirs = own.slices[-1], par.slices[-1]
            if math.isfinite(mine) and math.isfinite(theirs):
                ratios.append(theirs / mine)
        if null is not None and pairs % NULL_EVERY == 0:
            run_ours(phase, inputs, null, deadline_seconds, min(NULL_CALLS, calls_in_slice))
            null_calls += null.calls
            null.calls = []
        pairs += 1
    return Timing(
        phase,
        np.array(own.calls),
        np.array(ratios),
        float(np.median(null_calls)) if null_calls else None,
        float(np.median(par.calls)) if par is not None and par.calls else None,
        np.array(par.calls if par is not None else []),
    )


def slice_calls(phase: Phase) -> int:
    """Return how many timed calls one slice may hold, so that the phase's inputs last for enough
    pairs.
    """
    pairs = SINGLE_PAIRS if phase.batch == 1 else BATCH_PAIRS
    calls = (phase.last - phase.first) // phase.batch
    return max(1, calls // pairs - UNTIMED_CALLS)


def run_ours(
    phase: Phase, inputs: np.ndarray, side: Side, deadline_seconds: float, most: int
) -> float:
    """Ask a box of ours for one slice; if it fails, that is our trouble and not the learner's."""
    try:
        return run_slice(phase, inputs, side, deadline_seconds, most)
    except SubmissionFailed as failed:
        raise SandboxError(f"{side.name} failed while it was timed: {failed}") from None


def run_slice(
    phase: Phase, inputs: np.ndarray, side: Side, deadline_seconds: float, most: int
) -> float:
    """Ask one side for one slice of time; returns the seconds it took. The side is thawed before
    and frozen after.
    """
    box = side.box
    box.thaw()
    seconds: list[float] = []
    began = time.perf_counter()
    done = 0
    while side.position < phase.last and done < most:
        end = min(side.position + phase.batch, phase.last)
        batch = inputs[side.position : end]
        nanoseconds = phase.ask(box, batch, side.scores[side.position : end], deadline_seconds)
        if done >= UNTIMED_CALLS and len(batch) == phase.batch:
            seconds.append(nanoseconds * NANO)
        side.position = end
        done += 1
        if time.perf_counter() - began >= SLICE_SECONDS and len(seconds) > 0:
            break
    used = time.perf_counter() - began
    box.freeze()
    side.calls += seconds
    side.slices.append(float(np.median(seconds)) if seconds else math.nan)
    return used


def worked_while_idle(side: Side) -> Failure | None:
    """Return why a result is flagged if the box worked while it had to be still."""
    if side.idle_cpu_seconds <= IDLE_CPU_SECONDS:
        return None
    used = side.idle_cpu_seconds
    return Failure(
        Status.FLAGGED,
        "worked_while_idle",
        f"the submission used {used:.2f} s of processor time while it was frozen and par was asked",
    )


def quartiles(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [25, 75])
    return float(low), float(high)


def is_noisy(values: np.ndarray) -> bool:
    """Whether the quartiles are further apart than a tenth of the median."""
    low, high = quartiles(values)
    return bool(high - low > NOISY_SHARE * float(np.median(values)))


def seconds_a_call(values: np.ndarray) -> Measured:
    """Return the median with quartiles."""
    low, high = quartiles(values)
    return Measured(
        value=float(np.median(values)),
        low=low,
        high=high,
        n=len(values),
        unit="seconds",
        spread="quartiles",
        noisy=is_noisy(values),
    )


def per_second(values: np.ndarray, batch: int) -> Measured:
    """Return inputs a second from seconds a call of `batch` inputs."""
    calls = seconds_a_call(values)
    assert calls.low is not None and calls.high is not None
    return Measured(
        value=batch / calls.value,
        low=batch / calls.high,
        high=batch / calls.low,
        n=calls.n,
        unit="inputs a second",
        spread="quartiles",
        noisy=calls.noisy,
    )


def resampled_median(values: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return bootstrap medians of a series, widened by how much its neighbours resemble each other.

    What disturbs one pair of slices often disturbs the next, so n pairs tell less than n
    independent ones: with serial correlation r they count as n (1 - r) / (1 + r). r is that of the
    signs about the median, with its small-sample bias taken out (F. H. C. Marriott and J. A. Pope,
    Biometrika 41, 1954).
    """
    count, middle = len(values), float(np.median(values))
    signs = np.sign(values - middle)
    seen = float(np.mean(signs[1:] * signs[:-1]))
    correlation = min(MOST_CORRELATION, max(0.0, (count * seen + 1) / (count - 3)))
    medians = np.median(draw.choice(values, size=(BOOTSTRAPS, count)), axis=1)
    wider: np.ndarray = middle + (medians - middle) * math.sqrt(
        (1 + correlation) / (1 - correlation)
    )
    return wider


def speed_ratio(timings: Sequence[Timing], draw: np.random.Generator) -> Measured | None:
    """Return the geometric mean over the phases that count of the median ratio, with its bootstrap
    interval.
    """
    counted = [timing for timing in timings if timing.counts]
    if not counted:
        return None
    logs = [np.log(timing.ratios) for timing in counted]
    middle = float(np.mean([np.median(each) for each in logs]))
    resampled = np.mean([resampled_median(each, draw) for each in logs], axis=0)
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Measured(
        value=math.exp(middle),
        low=math.exp(float(low)),
        high=math.exp(float(high)),
        n=sum(len(each) for each in logs),
        unit="ratio",
        spread="95% interval",
        source=" and ".join(timing.phase.name for timing in counted),
        noisy=any(is_noisy(np.exp(each)) for each in logs),
    )
