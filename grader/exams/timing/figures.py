"""From what the stopwatch saw to figures: seconds a call, ratios to par, memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.course.score import memory_ratio
from grader.exams.timing import estimates
from grader.exams.timing.par import Par
from grader.exams.timing.stopwatch import MIN_PAIRS, Timing
from grader.metrics.statistics import quartiles
from grader.records import Measured

TOLD_BEYOND = 0.05  # of the submission's time: less moves a ratio within its interval
P90_CALLS = 64  # below this many calls no 90th percentile is claimed


def latency_figures(timing: Timing) -> dict[str, Measured]:
    """Return the seconds one call took, its median and, of enough calls, the 90th percentile."""
    calls = timing.calls
    if not len(calls):
        return {}
    figures = {"latency_seconds": estimates.seconds_a_call(calls)}
    if len(calls) >= P90_CALLS:
        value = float(np.percentile(calls, 90))
        figures["latency_p90_seconds"] = Measured(value=value, n=len(calls), unit="seconds")
    return figures


def throughput_figure(
    timing: Timing, per_call: int, name: str = "throughput_per_second", unit: str = ""
) -> dict[str, Measured]:
    """Return how many inputs a second were answered, `per_call` of them in one call.

    unit: "inputs a second" unless given.
    """
    if not len(timing.calls):
        return {}
    figure = estimates.per_second(timing.calls, per_call)
    if unit:
        figure = figure.model_copy(update={"unit": unit})
    return {name: figure}


def phase_ratio(timing: Timing) -> dict[str, Measured]:
    """Return the ratio to par of one phase, under its name; nothing where par was not asked."""
    ratios = ratios_of(timing) if timing.counts else timing.ratios
    if not len(ratios):
        return {}
    low, high = quartiles(ratios)
    figure = Measured(
        value=float(np.median(ratios)),
        low=low,
        high=high,
        n=len(ratios),
        unit="ratio",
        spread="quartiles",
        source="" if timing.counts else "shown, not scored",
        noisy=estimates.is_noisy(ratios),
    )
    return {f"{timing.phase.name}_ratio": figure}


def ratios_of(timing: Timing) -> np.ndarray:
    """Return the ratios of a phase that counts, less the time that their median doesn't see."""
    return timing.scored_ratios / (1 + estimates.time_beyond_median(timing.pairs))


def remarks(timings: Sequence[Timing]) -> list[str]:
    """Return what a reader should know of ratios that aren't just the median of their pairs."""
    found = []
    for timing in timings:
        if not timing.counts:
            continue
        beyond = estimates.time_beyond_median(timing.pairs)
        if beyond >= TOLD_BEYOND:
            found.append(
                f"in phase {timing.phase.name!r} the submission's calls took {beyond:.0%} longer "
                "in all than their median says, beyond what par's calls show; the ratio to par "
                "counts all of it"
            )
        if len(timing.ratios) < len(timing.scored_ratios):
            found.append(
                f"slow calls used up the time of phase {timing.phase.name!r} after "
                f"{len(timing.ratios)} of the {MIN_PAIRS} pairs that a median needs; its slowest "
                "pair is scored"
            )
    return found


def speed_figures(timings: Sequence[Timing], draw: np.random.Generator) -> dict[str, Measured]:
    """Return each phase's ratio to par, the null round trip, and the speed ratio that is scored."""
    figures: dict[str, Measured] = {}
    for timing in timings:
        figures |= phase_ratio(timing)
    null_seconds = timings[0].null_seconds
    if null_seconds is not None:
        figures["null_latency_seconds"] = Measured(value=null_seconds, unit="seconds")
    ratio = speed_ratio(timings, draw)
    if ratio is not None:
        figures["speed_ratio"] = ratio
    return figures


def speed_ratio(timings: Sequence[Timing], draw: np.random.Generator) -> Measured | None:
    """Return the ratio to par that is scored, over the phases that count; None if none does."""
    counted = {timing.phase.name: ratios_of(timing) for timing in timings if timing.counts}
    return estimates.speed_ratio(counted, draw)


def memory_figures(peak: Measured | None, par: Par | None) -> dict[str, Measured]:
    """Return the peak and, with par, how many times less memory than par was needed."""
    if peak is None:
        return {}
    figures = {"peak_memory_bytes": peak}
    if par is not None and "peak_memory_bytes" in par.figures:
        ratio = memory_ratio(peak.value, par.figures["peak_memory_bytes"].value)
        figures["memory_ratio"] = Measured(value=ratio, unit="ratio", source=peak.source)
    return figures
