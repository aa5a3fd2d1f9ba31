"""A small array that was returned beside the expected one, as numbers that a page can draw."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.records import Answer, Number

LONGEST_SIDE = 12  # of an array that is still drawn: its numbers have to fit into their squares
NOT_IN_JSON: dict[str, Number] = {"nan": "nan", "inf": "inf", "-inf": "-inf"}


def side_by_side(
    function: str,
    group: str,
    name: str,
    expected: Any,
    received: Any,
    wrong: np.ndarray | None,
) -> Answer | None:
    """Return two arrays for a picture of both; None unless both are small and have 1 or 2 axes.

    Axes of length 1 before these two are left out of the picture. wrong: which elements are wrong,
    bool, of the shape of both; None if they differ in another way.
    """
    target = rows_of(expected)
    yours = rows_of(received)
    if target is None or yours is None:
        return None
    places: list[tuple[int, int]] = []
    if wrong is not None:
        places = [(int(row), int(column)) for row, column in np.argwhere(last_two_axes(wrong))]
    return Answer(
        function=function,
        group=group,
        name=name,
        target_shape=list(np.shape(expected)),
        yours_shape=list(np.shape(received)),
        target=target,
        yours=yours,
        wrong=places,
    )


def rows_of(value: Any) -> list[list[Number]] | None:
    """Return the rows of a small array of one or two axes; None for anything else."""
    if isinstance(value, str | list):
        return None
    array = np.asarray(value)
    if array.size < 2 or max(array.shape) > LONGEST_SIDE:
        return None
    has_more_axes = array.size > np.prod(array.shape[-2:])
    if has_more_axes:
        return None
    rows = last_two_axes(array).astype(np.float64).tolist()
    return [[storable(number) for number in row] for row in rows]


def last_two_axes(array: np.ndarray) -> np.ndarray:
    """Return an array as (rows, columns); the axes before are of length 1, one axis is one row."""
    if array.ndim > 2:
        return array.reshape(array.shape[-2:])
    return np.atleast_2d(array)


def storable(number: float) -> Number:
    """Return a number as JSON can hold it: NaN and the infinities by name."""
    if math.isfinite(number):
        return number
    return NOT_IN_JSON[str(number)]
