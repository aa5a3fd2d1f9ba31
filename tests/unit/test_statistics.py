"""Intervals and quartiles against figures computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from grader.metrics.statistics import Z95, mean_interval, quartiles, wilson_interval

# By hand, with z = 1.959964, z2 = 3.841459:
#   (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n)
# p = 0.5, n = 10:  1 + z2/n = 1.3841459; middle 0.6920729 / 1.3841459 = 0.5;
#                   half 1.959964 * sqrt(0.025 + 0.009603647) / 1.3841459 = 0.263405
# p = 0.9, n = 100: 1.03841459; middle 0.919207295 / 1.03841459 = 0.885203;
#                   half 1.959964 * sqrt(0.0009 + 0.0000960365) / 1.03841459 = 0.059568
# p = 1, n = 50:    high 1; low 1 / (1 + 3.841459 / 50) = 0.928652
# p = 0, n = 50:    low 0; high 0.07682918 / 1.07682918 = 0.071348
WILSON = [
    (0.5, 10, 0.236595, 0.763405),
    (0.9, 100, 0.825635, 0.944771),
    (1.0, 50, 0.928652, 1.0),
    (0.0, 50, 0.0, 0.071348),
]


@pytest.mark.parametrize(("share", "count", "low", "high"), WILSON)
def test_the_wilson_interval_is_what_the_formula_gives_by_hand(
    share: float, count: int, low: float, high: float
) -> None:
    assert wilson_interval(share, count) == pytest.approx((low, high), abs=2e-6)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_wilson_interval_is_scipys(count: int, at: float) -> None:
    hits = round(at * count)
    theirs = scipy.stats.binomtest(hits, count).proportion_ci(method="wilson")
    assert wilson_interval(hits / count, count) == pytest.approx(tuple(theirs), abs=1e-9)


def test_without_trials_the_interval_is_everything() -> None:
    assert wilson_interval(0.0, 0) == (0.0, 1.0)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(count: int, at: float) -> None:
    share = round(at * count) / count
    low, high = wilson_interval(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_the_interval_holds_the_truth_about_95_times_in_100() -> None:
    draw = np.random.default_rng(0)
    hits = draw.binomial(200, 0.9, size=4000) / 200
    inside = [
        low <= 0.9 <= high for low, high in (wilson_interval(float(share), 200) for share in hits)
    ]
    assert 0.935 < np.mean(inside) < 0.97


def test_a_mean_has_its_normal_interval() -> None:
    mean, low, high = mean_interval(np.array([1.0, 2.0, 3.0, 6.0]))
    half = Z95 * np.sqrt((4 + 1 + 0 + 9) / 3) / 2
    assert (mean, low, high) == pytest.approx((3, 3 - half, 3 + half))


def test_quartiles_lie_between_values() -> None:
    assert quartiles(np.arange(101.0)) == (25.0, 75.0)
    assert quartiles(np.array([3.0])) == (3.0, 3.0)
