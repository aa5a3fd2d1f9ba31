"""Figures and points of results as pages show them.

How a single figure reads, wherever it is shown, is in grader/figures.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from grader.figures import (
    DASH,
    MIB,
    MINUS,
    TIMES,
    digits,
    interval_text,
    measure_in_sentence,
    measure_name,
    range_text,
    value_text,
)
from grader.measures import Format
from grader.records import Result

__all__ = [
    "DASH",
    "MIB",
    "MINUS",
    "TIMES",
    "digits",
    "figure_text",
    "finite",
    "interval_text",
    "is_lower_better",
    "measure_in_sentence",
    "measure_name",
    "points_text",
    "range_text",
    "value_text",
]


def figure_text(result: Result, key: str) -> str:
    """Return a measurement of a result with its unit; a dash if it was not measured."""
    measured = result.measurements.get(key)
    return DASH if measured is None else value_text(key, measured)


def points_text(number: float) -> str:
    """Return points of a score with one decimal."""
    if not math.isfinite(number):
        return digits(number, Format.NUMBER)
    return f"{number:.1f}".replace("-", MINUS)


def is_lower_better(result: Result) -> bool:
    """Whether the task's metric is better when lower, as bits and distances are."""
    return result.task.better == "lower"


def finite(value: Any) -> Any:
    """Return plain values with None in the place of numbers that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return value
