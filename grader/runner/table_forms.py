"""How rows of raw measurements become what a model was trained on, inferred from what it was given.

A script scales its columns before the model sees them. The usual ways are few: as they are,
standardised, or stretched from 0 to 1, each by the training set's own figures. The way whose rows
are those that the model was fed is the one that is repeated for rows it is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

LOOKED_AT = 64  # rows the model was fed
TOLERANCE = 2e-3  # of a column's spread: float16 pipelines are that coarse

Form = Callable[[np.ndarray], np.ndarray]


def infer(rows: np.ndarray, raw: np.ndarray) -> Form | None:
    """Return what makes rows as the model was fed of raw inputs; None where no usual way does.

    rows: (m, columns), as fed. raw: all training inputs, (n, columns).
    """
    fed = np.asarray(rows, dtype=np.float64)
    if fed.ndim != 2 or fed.shape[1:] != raw.shape[1:]:
        return None
    for form in usual_forms(raw.astype(np.float64)):
        if are_among(fed[:LOOKED_AT], form(raw)):
            return form
    return None


def usual_forms(raw: np.ndarray) -> Iterator[Form]:
    """Yield the usual ways to scale columns, by the figures of all training inputs."""
    yield lambda batch: batch
    mean = raw.mean(axis=0)
    for degrees in (0, 1):  # NumPy's and scikit-learn's standard deviation, and pandas' and torch's
        yield affine(mean, raw.std(axis=0, ddof=degrees))
    # Columns of length one: how scikit-learn hands out its diabetes data.
    yield affine(mean, np.linalg.norm(raw - mean, axis=0))
    low = raw.min(axis=0)
    yield affine(low, raw.max(axis=0) - low)


def affine(middle: np.ndarray, scale: np.ndarray) -> Form:
    """Return what takes a column's middle off and divides by its scale; constant columns stay."""
    divisor = np.where(scale > 0, scale, 1.0)
    return lambda batch: ((batch - middle) / divisor).astype(np.float32)


def are_among(rows: np.ndarray, candidates: np.ndarray) -> bool:
    """Whether every row (m, columns) is one of the candidates (n, columns), but for rounding."""
    spread = candidates.std(axis=0)
    allowed = TOLERANCE * np.where(spread > 0, spread, 1.0)

    def is_among(row: np.ndarray) -> bool:
        return bool((np.abs(candidates - row) <= allowed).all(axis=1).any())

    return all(map(is_among, rows))
