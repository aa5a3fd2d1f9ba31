"""How sure a figure is: intervals and quartiles.

NumPy is imported only inside the functions that need it: commands that read results import this
module, and start faster without it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Z95 = 1.959963984540054  # standard deviations from a mean to either end of its 95 % interval


def wilson_interval(share: float, count: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share observed in `count` trials.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22, 1927.
    """
    if count == 0:
        return 0.0, 1.0
    shrink = 1 + z * z / count
    middle = (share + z * z / (2 * count)) / shrink
    variance = share * (1 - share) / count + z * z / (4 * count * count)
    half = z / shrink * math.sqrt(variance)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_interval(
    share: float, count: int, other_share: float, other_count: int
) -> tuple[float, float]:
    """Return the 95 % interval of share - other_share, of two independent samples.

    Wilson's intervals of both, put together: method 10 of R. G. Newcombe, "Interval estimation for
    the difference between independent proportions", Statistics in Medicine 17, 1998.
    """
    low, high = wilson_interval(share, count)
    other_low, other_high = wilson_interval(other_share, other_count)
    gap = share - other_share
    below = math.hypot(share - low, other_high - other_share)
    above = math.hypot(high - share, other_share - other_low)
    return gap - below, gap + above


def mean_difference_interval(values: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of values less that of others, with its normal 95 % interval.

    values, others: independent observations, shapes (n,) and (m,), two or more of each.
    """
    gap = float(values.mean() - others.mean())
    variance = float(values.var(ddof=1)) / len(values) + float(others.var(ddof=1)) / len(others)
    half = Z95 * math.sqrt(variance)
    return gap, gap - half, gap + half


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Return mean, low and high: a mean with its normal 95 % interval.

    values: independent observations, shape (n,) with n >= 2.
    """
    mean = float(values.mean())
    half = Z95 * float(values.std(ddof=1)) / math.sqrt(len(values))
    return mean, mean - half, mean + half


def quartiles(values: np.ndarray) -> tuple[float, float]:
    """Return the lower and the upper quartile of values, shape (n,) with n >= 1."""
    import numpy as np

    low, high = np.percentile(values, [25, 75])
    return float(low), float(high)
