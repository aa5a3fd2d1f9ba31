"""Estimators of timed calls: arrays of seconds and ratios in, figures with their spread out. Pure.

A phase yields one ratio for each pair of slices (par's seconds over the submission's). Their median
is scored, because one disturbed pair must not move it, with a bootstrap interval. Measured on a
busy machine with two cores, a network against itself: 1.001 +- 0.8 % over 8 trials, while the
seconds themselves varied by 7-22 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from grader.metrics.statistics import quartiles
from grader.records import Measured

NOISY_SHARE = 0.10  # quartile distance over median
BOOTSTRAPS = 2000
MOST_CORRELATION = 0.8


def is_noisy(values: np.ndarray) -> bool:
    """Whether the quartiles are further apart than a tenth of the median."""
    low, high = quartiles(values)
    return bool(high - low > NOISY_SHARE * float(np.median(values)))


def seconds_a_call(values: np.ndarray) -> Measured:
    """Return the median of seconds, shape (n,), with its quartiles."""
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
    """Return inputs a second from seconds a call, shape (n,), of `batch` inputs each."""
    calls = seconds_a_call(values)
    assert calls.low is not None
    assert calls.high is not None
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
    count = len(values)
    middle = float(np.median(values))
    signs = np.sign(values - middle)
    seen = float(np.mean(signs[1:] * signs[:-1]))
    correlation = min(MOST_CORRELATION, max(0.0, (count * seen + 1) / (count - 3)))
    medians = np.median(draw.choice(values, size=(BOOTSTRAPS, count)), axis=1)
    widening = math.sqrt((1 + correlation) / (1 - correlation))
    widened: np.ndarray = middle + (medians - middle) * widening
    return widened


def speed_ratio(ratios: Mapping[str, np.ndarray], draw: np.random.Generator) -> Measured | None:
    """Return the geometric mean over phases of their median ratio, with its bootstrap interval.

    ratios: the phases that count, by name, each of shape (pairs,). None where there is no phase.
    """
    if not ratios:
        return None
    logs = [np.log(each) for each in ratios.values()]
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
        source=" and ".join(ratios),
        noisy=any(is_noisy(each) for each in ratios.values()),
    )
