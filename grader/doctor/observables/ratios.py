"""Hand-written gradients: the ratio between what was received and what is right often names the
mistake. Pure.

A batch-size factor, a sign, a mean for a sum scale whole arrays by one number; a wrong or missing
derivative leaves the arrays near the output right and bends the ones before them. Two failing cases
that show the same are two signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RATIOS: dict[str, str] = {
    "cases_seen": "failing cases with values that can be compared",
    "rows": "rows of the batch in the last failing case",
    "ratio": "received over expected in the last failing case, where that is one number for whole arrays",
    "cases_times_rows": "failing cases in which it is the number of rows",
    "cases_over_rows": "failing cases in which it is 1 over the number of rows",
    "cases_minus": "failing cases in which it is -1",
    "cases_twice": "failing cases in which it is 2",
    "cases_half": "failing cases in which it is 1/2",
    "cases_bias_mean": "failing cases in which only arrays of one axis are too small, by the number of rows",
    "cases_bent": "failing cases in which arrays near the output are right and earlier ones point elsewhere",
    "cases_turned": "failing cases in which a square or transposed array is right once it is turned",
    "cases_zero": "failing cases in which some array is all zeros and should not be",
}
SAME_FOR_TWO_ROWS = {"cases_times_rows": "cases_twice", "cases_over_rows": "cases_half"}
STEADY = 1e-4  # relative spread of a ratio that counts as one number
SEEN_FIRST = 20_000  # numbers of a large array, evenly spread
TINY = 1e-12
ALIGNED = 0.999  # cosine above which an array points the right way


@dataclass(frozen=True)
class Failed:
    """One failing case: right and received arrays by name, in the order in which the function
    returns them.
    """

    names: Sequence[str]
    expected: Sequence[np.ndarray]
    received: Sequence[np.ndarray]
    rows: int  # of the batch: the first axis of the first argument; 0 where there is none


def observe_ratios(cases: Sequence[Failed]) -> dict[str, float]:
    """Return the numbers that name a mistake in a gradient, over all failing cases."""
    numbers = dict.fromkeys((name for name in RATIOS if name.startswith("cases_")), 0.0)
    for case in cases:
        kinds, ratio = kinds_of(case)
        numbers["cases_seen"] += 1
        for kind in kinds:
            numbers[f"cases_{kind}"] += 1
        numbers["rows"] = float(case.rows)
        if ratio is not None:
            numbers["ratio"] = ratio
    for by_rows, fixed in SAME_FOR_TWO_ROWS.items():
        likelier, other = sorted((by_rows, fixed), key=lambda name: -numbers[name])
        if numbers[other] < numbers[likelier]:  # it only agrees where there happen to be two rows
            numbers[other] = 0.0
    return numbers


def kinds_of(case: Failed) -> tuple[set[str], float | None]:
    """Return which patterns one case shows, and the ratio if there is one."""
    pairs = [pair for pair in map(comparable, case.expected, case.received) if pair is not None]
    if not pairs:
        return set(), None
    ratios = [steady_ratio(right, got) for right, got in pairs]
    wrong = [ratio for ratio in ratios if ratio is None or abs(ratio - 1) > STEADY]
    kinds: set[str] = set()
    if any(np.abs(right).max() > TINY and not got.any() for right, got in pairs):
        kinds.add("zero")
    if any(turned(right, got) for right, got in pairs):
        kinds.add("turned")
    single = [right.ndim == 1 for right, _ in pairs]
    only_vectors = all(
        one
        for one, ratio in zip(single, ratios, strict=True)
        if ratio is None or abs(ratio - 1) > STEADY
    )
    if not wrong:
        return kinds, None
    if None not in wrong:
        ratio = float(np.median([each for each in wrong if each is not None]))
        if all(each is not None and abs(each - ratio) <= STEADY * abs(ratio) for each in wrong):
            kinds |= named(ratio, case.rows, only_vectors and len(wrong) < len(pairs))
            return kinds, ratio
    directions = [cosine(right, got) for right, got in pairs]
    bent = [direction < ALIGNED for direction in directions]
    if any(bent) and not all(bent) and not bent[-1] and not only_vectors:
        kinds.add("bent")
    return kinds, None


def named(ratio: float, rows: int, only_vectors: bool) -> set[str]:
    """Return the patterns that one ratio for all wrong arrays means."""
    known: Mapping[str, float] = {"minus": -1.0, "twice": 2.0, "half": 0.5}
    if only_vectors:
        return {"bias_mean"} if rows > 1 and np.isclose(ratio, 1 / rows, rtol=STEADY) else set()
    kinds = {kind for kind, value in known.items() if np.isclose(ratio, value, rtol=STEADY)}
    if rows > 1 and np.isclose(ratio, rows, rtol=STEADY):
        kinds.add("times_rows")
    if rows > 1 and np.isclose(ratio, 1 / rows, rtol=STEADY):
        kinds.add("over_rows")
    return kinds


def comparable(right: np.ndarray, got: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return both as float64 if they are numbers that can be compared: an array of two or more
    finite floats.
    """
    if right.dtype.kind != "f" or got.dtype.kind != "f" or right.size < 2 or right.size != got.size:
        return None
    one, other = right.astype(np.float64), got.astype(np.float64)
    return (one, other) if np.isfinite(one).all() and np.isfinite(other).all() else None


def steady_ratio(right: np.ndarray, got: np.ndarray) -> float | None:
    """Return received over expected if that is one number for the whole array; 1 for two arrays of
    zeros.
    """
    if right.shape != got.shape:
        return None
    every = right.size // SEEN_FIRST
    if every > 1 and steady_ratio(right.ravel()[::every], got.ravel()[::every]) is None:
        return None  # seen in a part of a large array, without copies of the whole
    used = np.abs(right) > 1e-9 * max(TINY, float(np.abs(right).max()))
    if not used.any():
        return None if np.abs(got).max() > TINY else 1.0
    ratios = got[used] / right[used]
    ratio = float(np.median(ratios))
    others = np.abs(got[~used]).max() if (~used).any() else 0.0
    steady = np.allclose(ratios, ratio, rtol=STEADY, atol=0) and others <= STEADY * float(
        np.abs(got).max() + TINY
    )
    return ratio if steady else None


def cosine(right: np.ndarray, got: np.ndarray) -> float:
    length = float(np.linalg.norm(right) * np.linalg.norm(got))
    return (
        float(right.ravel() @ got.ravel()) / length
        if length > TINY
        else float(not right.any() and not got.any())
    )


def turned(right: np.ndarray, got: np.ndarray) -> bool:
    """Whether a received array is right once its two axes change places."""
    if right.ndim != 2 or got.ndim != 2 or min(right.shape) < 2 or got.shape != right.shape[::-1]:
        return False
    return bool(np.allclose(got.T, right, rtol=1e-5)) and not (
        got.shape == right.shape and np.allclose(got, right)
    )
