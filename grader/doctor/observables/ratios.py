"""From failing cases of a hand-written gradient to named numbers: received over expected.

A batch-size factor, a sign, a mean for a sum scale whole arrays by one number; a wrong or missing
derivative leaves the arrays near the output right and bends the ones before them. Two failing cases
that show the same are two signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from grader.doctor.evidence import Failed
from grader.doctor.observables.numbers import TINY, Numbers

RATIOS: dict[str, str] = {
    "cases_seen": "failing cases with values that can be compared",
    "rows": "rows of the batch in the last failing case",
    "ratio": (
        "received over expected in the last failing case, where that is one number for whole arrays"
    ),
    "cases_times_rows": "failing cases in which it is the number of rows",
    "cases_over_rows": "failing cases in which it is 1 over the number of rows",
    "cases_minus": "failing cases in which it is -1",
    "cases_twice": "failing cases in which it is 2",
    "cases_half": "failing cases in which it is 1/2",
    "cases_bias_mean": (
        "failing cases in which only arrays of one axis are too small, by the number of rows"
    ),
    "cases_bent": (
        "failing cases in which arrays near the output are right and earlier ones point elsewhere"
    ),
    "cases_turned": (
        "failing cases in which a square or transposed array is right once it is turned"
    ),
    "cases_zero": "failing cases in which some array is all zeros and should not be",
}
FIXED_RATIOS = {"minus": -1.0, "twice": 2.0, "half": 0.5}
SAME_FOR_TWO_ROWS = {"cases_times_rows": "cases_twice", "cases_over_rows": "cases_half"}
STEADY = 1e-4  # relative spread of a ratio that counts as one number
SEEN_FIRST = 20_000  # numbers of a large array, evenly spread
ALIGNED = 0.999  # cosine above which an array points the right way


class Pair(NamedTuple):
    """Right and received numbers of one array, float64 of the same size."""

    right: np.ndarray
    got: np.ndarray

    @property
    def is_vector(self) -> bool:
        return self.right.ndim == 1


def observe_ratios(cases: Sequence[Failed]) -> Numbers:
    """Return the numbers that name a mistake in a gradient, over all failing cases."""
    numbers = {name: 0.0 for name in RATIOS if name.startswith("cases_")}
    for case in cases:
        patterns, ratio = patterns_of(case)
        numbers["cases_seen"] += 1
        for pattern in patterns:
            numbers[f"cases_{pattern}"] += 1
        numbers["rows"] = float(case.rows)
        if ratio is not None:
            numbers["ratio"] = ratio
    for by_rows, fixed in SAME_FOR_TWO_ROWS.items():
        drop_rarer(numbers, by_rows, fixed)
    return numbers


def drop_rarer(numbers: Numbers, one: str, other: str) -> None:
    """Set the rarer of two counts to 0: it only agrees in cases that happen to have two rows."""
    if numbers[one] > numbers[other]:
        numbers[other] = 0.0
    elif numbers[other] > numbers[one]:
        numbers[one] = 0.0


def patterns_of(case: Failed) -> tuple[set[str], float | None]:
    """Return which patterns one case shows, and the ratio if there is one."""
    pairs: list[Pair] = []
    for right, got in zip(case.expected, case.received, strict=False):
        pair = comparable(right, got)
        if pair is not None:
            pairs.append(pair)
    patterns: set[str] = set()
    if any(is_zeroed(pair) for pair in pairs):
        patterns.add("zero")
    if any(is_turned(pair) for pair in pairs):
        patterns.add("turned")
    ratios = [steady_ratio(pair.right, pair.got) for pair in pairs]
    wrong = [place for place, ratio in enumerate(ratios) if not is_one(ratio)]
    if not wrong:
        return patterns, None
    only_vectors = all(pairs[place].is_vector for place in wrong)
    ratio = common_ratio([ratios[place] for place in wrong])
    if ratio is not None:
        patterns |= named(ratio, case.rows, only_vectors and len(wrong) < len(pairs))
    elif not only_vectors and is_bent(pairs):
        patterns.add("bent")
    return patterns, ratio


def is_one(ratio: float | None) -> bool:
    """Whether an array is right: received over expected is 1 everywhere."""
    return ratio is not None and abs(ratio - 1) <= STEADY


def is_zeroed(pair: Pair) -> bool:
    """Whether an array is all zeros and should not be."""
    return bool(np.abs(pair.right).max() > TINY) and not pair.got.any()


def common_ratio(ratios: Sequence[float | None]) -> float | None:
    """Return the one number that all these ratios are, or None."""
    known = [ratio for ratio in ratios if ratio is not None]
    if len(known) < len(ratios):
        return None
    middle = float(np.median(known))
    is_steady = all(abs(ratio - middle) <= STEADY * abs(middle) for ratio in known)
    return middle if is_steady else None


def is_bent(pairs: Sequence[Pair]) -> bool:
    """Whether some arrays point elsewhere, and the last one, nearest to the output, does not."""
    is_off = [cosine(pair.right, pair.got) < ALIGNED for pair in pairs]
    return any(is_off) and not is_off[-1]


def named(ratio: float, rows: int, only_vectors: bool) -> set[str]:
    """Return the patterns that one ratio for all wrong arrays means.

    only_vectors: arrays of one axis, such as biases, are wrong and others are not.
    """
    is_over_rows = rows > 1 and bool(np.isclose(ratio, 1 / rows, rtol=STEADY))
    if only_vectors:
        return {"bias_mean"} if is_over_rows else set()
    patterns = {name for name, of in FIXED_RATIOS.items() if np.isclose(ratio, of, rtol=STEADY)}
    if is_over_rows:
        patterns.add("over_rows")
    if rows > 1 and np.isclose(ratio, rows, rtol=STEADY):
        patterns.add("times_rows")
    return patterns


def comparable(right: np.ndarray, got: np.ndarray) -> Pair | None:
    """Return both as float64 if they can be compared: equally many finite floats, two or more."""
    if right.dtype.kind != "f" or got.dtype.kind != "f" or right.size < 2 or right.size != got.size:
        return None
    pair = Pair(right.astype(np.float64), got.astype(np.float64))
    if not np.isfinite(pair.right).all() or not np.isfinite(pair.got).all():
        return None
    return pair


def steady_ratio(right: np.ndarray, got: np.ndarray) -> float | None:
    """Return received over expected if that is one number for the whole array.

    It is 1 for two arrays of zeros. A large array is looked at in a part first: most are not steady
    there already, and no copy of the whole is made.
    """
    if right.shape != got.shape:
        return None
    every = right.size // SEEN_FIRST
    if every > 1 and steady_ratio(right.ravel()[::every], got.ravel()[::every]) is None:
        return None
    is_used = np.abs(right) > 1e-9 * max(TINY, float(np.abs(right).max()))
    if not is_used.any():
        return None if np.abs(got).max() > TINY else 1.0
    ratios = got[is_used] / right[is_used]
    ratio = float(np.median(ratios))
    if not np.allclose(ratios, ratio, rtol=STEADY, atol=0):
        return None
    largest_elsewhere = np.abs(got[~is_used]).max(initial=0.0)
    is_zero_elsewhere = largest_elsewhere <= STEADY * float(np.abs(got).max() + TINY)
    return ratio if is_zero_elsewhere else None  # NaN is not zero


def cosine(right: np.ndarray, got: np.ndarray) -> float:
    """Return the cosine of the angle between two arrays; 1 for two of zeros, 0 beside zeros."""
    length = float(np.linalg.norm(right) * np.linalg.norm(got))
    if length > TINY:
        return float(right.ravel() @ got.ravel()) / length
    return float(not right.any() and not got.any())


def is_turned(pair: Pair) -> bool:
    """Whether a received array is right once its two axes change places."""
    right = pair.right
    got = pair.got
    if right.ndim != 2 or got.ndim != 2 or min(right.shape) < 2 or got.shape != right.shape[::-1]:
        return False
    if not np.allclose(got.T, right, rtol=1e-5):
        return False
    return not (got.shape == right.shape and np.allclose(got, right))
