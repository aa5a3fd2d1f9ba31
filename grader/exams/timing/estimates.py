"""Estimators of timed calls: arrays of seconds and ratios in, figures with their spread out. Pure.

A phase yields one ratio for each pair of slices (par's seconds over the submission's). Their median
is scored, because one disturbed pair must not move it, with a bootstrap interval. Measured on a
busy machine with two cores, a network against itself: 1.001 +- 0.8 % over 8 trials, while the
seconds themselves varied by 7-22 %.

What a median doesn't see. A model that is quick in most calls and slow in some (every tenth, or the
first after each switch, which isn't timed) has a good median and takes its time all the same. So
the time of all calls is added up as well: what the submission took beyond its median is charged, as
far as par's own calls in the same pairs don't show the like. Par's tail is the yardstick because a
disturbed machine gives both sides one: over a whole phase equally long ones, so only the difference
is the submission's. Its worst pair of twenty is left out, since one pair may be disturbed by chance
(`time_beyond_median`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from grader.exams.timing.stopwatch import MIN_PAIRS, Pair, Turn
from grader.metrics.statistics import quartiles
from grader.records import Measured

NOISY_SHARE = 0.10  # quartile distance over median
BOOTSTRAPS = 2000
MOST_CORRELATION = 0.8
USUAL = 1.05  # times what is expected: slices up to here differ by their noise alone
FIRST_CALL = 1.5  # times a typical call: what a first call after a switch may always take
PAIRS_LEFT_OUT = 20  # of so many pairs the submission's worst is left out, and one more
TAIL_ERRORS = 2.0  # standard errors of par's tail that the submission's may be longer by


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


def time_beyond_median(pairs: Sequence[Pair]) -> float:
    """Return the share of its time that the submission took beyond what its median says.

    Counted are all calls, also the untimed ones; taken off is par's share in the same pairs, with
    its standard error. 0 where it is not longer than par's, or too few pairs were seen.
    """
    ratios = [pair.ratio for pair in pairs if math.isfinite(pair.ratio)]
    if len(ratios) < MIN_PAIRS:
        return 0.0
    ratio = float(np.median(ratios))
    # What is typical of a side is told by the other one: a slice that is slow as a whole shows.
    usual_own = usual_of([pair.own for pair in pairs])
    usual_par = usual_of([pair.par for pair in pairs])
    own = np.zeros(len(pairs))
    par = np.zeros(len(pairs))
    for index, pair in enumerate(pairs):
        seconds_own = finite_or(pair.own.middle, usual_own)
        seconds_par = finite_or(pair.par.middle, usual_par)
        own[index] = calls_beyond(pair.own, seconds_par / ratio, pair.par, seconds_par)
        par[index] = calls_beyond(pair.par, seconds_own * ratio, pair.own, seconds_own)
    return beyond_yardstick(own, calls_of(pairs, 0), par, calls_of(pairs, 1))


def usual_of(turns: Sequence[Turn]) -> float:
    """Return the median seconds of the slices' medians."""
    return float(np.nanmedian([turn.middle for turn in turns]))


def finite_or(seconds: float, otherwise: float) -> float:
    return seconds if math.isfinite(seconds) else otherwise


def calls_of(pairs: Sequence[Pair], side: int) -> np.ndarray:
    """Return how many calls one side answered in each pair, timed or not; side: 0 own, 1 par."""
    return np.array([len(pair[side].timed) + len(pair[side].untimed) for pair in pairs])


def calls_beyond(turn: Turn, typical: float, other: Turn, typical_other: float) -> float:
    """Return by how many typical calls a slice took longer than expected.

    typical, typical_other: seconds of a typical call of this side and of the other. An untimed call
    may take as much longer than a typical one as the other side's, in seconds or as a share.
    """
    expected = len(turn.timed) * typical
    beyond = 0.0
    if sum(turn.timed) > USUAL * expected:
        beyond += sum(turn.timed) - expected
    for index, seconds in enumerate(turn.untimed):
        theirs = other.untimed[index] if index < len(other.untimed) else typical_other
        longest = max(
            FIRST_CALL * typical,
            typical * theirs / typical_other,
            typical + theirs - typical_other,
        )
        beyond += max(0.0, seconds - longest)
    return beyond / typical


def beyond_yardstick(
    own: np.ndarray, own_calls: np.ndarray, par: np.ndarray, par_calls: np.ndarray
) -> float:
    """Return the submission's share of time beyond its median, less par's with its error.

    own, par: typical calls beyond what was expected, of each pair. own_calls, par_calls: all calls.
    """
    count = len(own)
    kept = np.sort(own)[: count - 1 - count // PAIRS_LEFT_OUT]
    error = float(np.std(par / par_calls.mean())) * math.sqrt(2 / count)
    share = kept.sum() / own_calls.sum() - par.sum() / par_calls.sum()
    return max(0.0, float(share) - TAIL_ERRORS * error)


def speed_ratio(ratios: Mapping[str, np.ndarray], draw: np.random.Generator) -> Measured | None:
    """Return the geometric mean over phases of their median ratio, with its bootstrap interval.

    ratios: the phases that count, by name, each of shape (pairs,), less what the medians don't see.
    None where there is no phase.
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
