"""What is taken off for calls outside the median: honest models and tricks, on drawn timings.

Nothing is run: calls are drawn as a machine makes them, with a speed that drifts and disturbances
that come now and then, and `estimates.time_beyond_median` looks at them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grader.exams.timing.estimates import time_beyond_median
from grader.exams.timing.stopwatch import SLICE_SECONDS, Pair, Turn

TRIALS = 300
CALL_SPREAD = 0.02
SLICE_SPREAD = 0.02
DRIFT = 0.1  # of the machine's speed, from pair to pair
FIRST = 1.3  # typical calls that the first one after a switch takes
DISTURBED_SECONDS = 4e-3  # on average, for each disturbance
RATES = (0, 2, 10, 50)  # disturbances a second

Slowness = Callable[[np.random.Generator, int], np.ndarray]  # how often a typical call each takes


@dataclass(frozen=True)
class Trial:
    """A phase to draw: pairs of slices of some calls, and how the submission answers."""

    name: str
    pairs: int
    calls: int
    seconds: float
    par_seconds: float
    slowness: Slowness


def honest(_: np.random.Generator, calls: int) -> np.ndarray:
    return np.ones(calls)


def every_tenth(draw: np.random.Generator, calls: int) -> np.ndarray:
    return np.where(draw.random(calls) < 0.1, 10.0, 1.0)


def slow_first(_: np.random.Generator, calls: int) -> np.ndarray:
    return np.concatenate([[5.0], np.ones(calls - 1)])


TRIALS_HELD = (
    Trial("honest, alone", 30, 50, 1e-3, 1e-3, honest),
    Trial("honest, alone, four times as fast", 30, 50, 2.5e-4, 1e-3, honest),
    Trial("honest, alone, a quarter as fast", 30, 50, 4e-3, 1e-3, honest),
    Trial("honest, batches", 9, 2, 1e-2, 1e-2, honest),
    Trial("honest, batches, a quarter as fast", 9, 2, 4e-2, 1e-2, honest),
    Trial("every tenth ten times as slow, alone", 30, 50, 1e-3, 1e-3, every_tenth),
    Trial("every tenth ten times as slow, batches", 9, 2, 1e-2, 1e-2, every_tenth),
    Trial("the first five times as slow, batches", 9, 2, 1e-2, 1e-2, slow_first),
)


def turn(
    draw: np.random.Generator, seconds: float, slowness: np.ndarray, speed: float, rate: float
) -> Turn:
    """Draw one slice of calls; it ends when its time is over."""
    calls = seconds * np.exp(draw.normal(0, CALL_SPREAD, len(slowness))) * slowness
    calls *= speed * np.exp(draw.normal(0, SLICE_SPREAD))
    calls += draw.poisson(rate * calls) * draw.exponential(DISTURBED_SECONDS, len(calls))
    calls[0] *= FIRST
    over = np.flatnonzero(np.cumsum(calls) >= SLICE_SECONDS)
    last = max(2, int(over[0]) + 1) if len(over) else len(calls)
    return Turn(calls[1:last].tolist(), [float(calls[0])])


def beyond(draw: np.random.Generator, trial: Trial, rate: float) -> float:
    """Draw one phase and return what is taken off."""
    pairs = []
    even = np.ones(trial.calls + 1)
    for _ in range(trial.pairs):
        speed = float(np.exp(draw.normal(0, DRIFT)))
        slowness = trial.slowness(draw, trial.calls + 1)
        own = turn(draw, trial.seconds, slowness, speed, rate)
        pairs.append(Pair(own, turn(draw, trial.par_seconds, even, speed, rate)))
    return time_beyond_median(pairs)


def main() -> None:
    draw = np.random.default_rng(0)
    for rate in RATES:
        print(f"{rate} disturbances a second")
        for trial in TRIALS_HELD:
            found = np.array([beyond(draw, trial, rate) for _ in range(TRIALS)])
            print(
                f"  {trial.name:<42} {found.mean():7.2%} on average, largest {found.max():7.2%}, "
                f"more than 2 % in {np.mean(found > 0.02):5.1%}"
            )


if __name__ == "__main__":
    main()
