"""Shares of yes-or-no observations as figures. One place for what every check counts."""

from __future__ import annotations

import numpy as np

from grader.metrics.statistics import (
    difference_interval,
    mean_difference_interval,
    wilson_interval,
)
from grader.records import Measured


def share(hits: np.ndarray) -> Measured:
    """Return how many of n are true, bool (n,), with Wilson's 95 % interval."""
    value = float(np.mean(hits))
    low, high = wilson_interval(value, len(hits))
    return Measured(
        value=value, low=low, high=high, n=len(hits), unit="share", spread="95% interval"
    )


def gap_between(hits: np.ndarray, others: np.ndarray) -> Measured:
    """Return how much larger the share of hits is than that of others, bool (n,) and (m,).

    The two are independent samples: no input is in both. n is the smaller number.
    """
    share_of_hits = float(np.mean(hits))
    share_of_others = float(np.mean(others))
    low, high = difference_interval(share_of_hits, len(hits), share_of_others, len(others))
    return Measured(
        value=share_of_hits - share_of_others,
        low=low,
        high=high,
        n=min(len(hits), len(others)),
        unit="share",
        spread="95% interval",
    )


def means_apart(values: np.ndarray, others: np.ndarray, unit: str) -> Measured | None:
    """Return how much larger the mean of values is than that of others, (n,) and (m,).

    None where either has fewer than two.
    """
    if min(len(values), len(others)) < 2:
        return None
    gap, low, high = mean_difference_interval(values, others)
    count = min(len(values), len(others))
    return Measured(value=gap, low=low, high=high, n=count, unit=unit, spread="95% interval")
