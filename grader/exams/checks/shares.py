"""A share of yes-or-no observations as a figure. One place for what every check counts."""

from __future__ import annotations

import numpy as np

from grader.metrics.statistics import wilson_interval
from grader.records import Measured


def share(hits: np.ndarray) -> Measured:
    """Return how many of n are true, bool (n,), with Wilson's 95 % interval."""
    value = float(np.mean(hits))
    low, high = wilson_interval(value, len(hits))
    return Measured(
        value=value, low=low, high=high, n=len(hits), unit="share", spread="95% interval"
    )
