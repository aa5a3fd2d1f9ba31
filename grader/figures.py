"""How stored figures read on a page and in a notebook: a number, its unit, its spread.

The registry of measures says how each is shown. What it does not know is shown by its unit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grader.measures import Format, Measure, find
from grader.text import shown_name

if TYPE_CHECKING:
    from grader.records import Measured

MIB = 2**20
GIB = 2**30
MINUS = "\u2212"
TIMES = "\u00d7"
DASH = "\u2013"
UNIT_CHARACTERS = 30
MINUTE = 60


def measure_name(key: str) -> str:
    """Return the heading of a measurement; of an unregistered one it comes from a file."""
    return shown_name(find(key).label)


def measure_in_sentence(key: str) -> str:
    """Return the name of a measurement as it stands inside a sentence."""
    return shown_name(find(key).in_sentence)


def value_text(key: str, measured: Measured) -> str:
    """Return a measured value with its unit."""
    measure = find(key, measured.unit)
    factor, unit = scale_of(measure, measured.value)
    carried = measured.decimals(factor)
    return digits(measured.value * factor, measure.format, carried) + unit


def range_text(key: str, measured: Measured) -> str:
    """Return both ends of a figure's spread in the unit of its value; empty if it has none."""
    if measured.ends is None:
        return ""
    measure = find(key, measured.unit)
    factor, _ = scale_of(measure, measured.value)
    carried = measured.decimals(factor)
    low, high = (digits(end * factor, measure.format, carried) for end in measured.ends)
    return f"{low}{DASH}{high}"


def interval_text(key: str, measured: Measured) -> str:
    """Return the interval that bounds a figure; empty if it has quartiles or nothing."""
    return range_text(key, measured) if measured.interval is not None else ""


def scale_of(measure: Measure, value: float) -> tuple[float, str]:
    """Return the factor and the unit in which a value of this size reads best."""
    match measure.format:
        case Format.SHARE | Format.CASES:
            return 100.0, " %"
        case Format.RATIO:
            return 1.0, f" {TIMES}"
        case Format.RATE:
            return 1.0, " /s"
        case Format.SECONDS:
            return scale_of_seconds(abs(value))
        case Format.BYTES:
            return (1 / GIB, " GiB") if abs(value) >= GIB else (1 / MIB, " MiB")
    suffix = shown_name(measure.suffix, UNIT_CHARACTERS, missing="")
    return 1.0, f" {suffix}" if suffix else ""


def scale_of_seconds(size: float) -> tuple[float, str]:
    if size >= 120:
        return 1 / 60, " min"
    if size >= 1:
        return 1.0, " s"
    if size >= 1e-3:
        return 1e3, " ms"
    return 1e6, " µs"


def rough_time(seconds: float) -> str:
    """Return a guessed time: seconds to a minute and a half, then minutes, then hours."""
    if seconds < 1.5 * MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * MINUTE:
        return f"{round(seconds / MINUTE)} min"
    return f"{seconds / MINUTE / 60:.1f} h"


def digits(number: float, form: Format, carried: int | None = None) -> str:
    """Return a number with about three significant digits, a share with two decimals.

    carried: the decimals that its spread carries, below 0 for tens and hundreds; no more are shown.
    """
    if math.isnan(number):
        return "not a number"
    if math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    usual = usual_decimals(number, form)
    if carried is not None and carried < usual:
        rounded = round(number, carried) + 0.0
        return f"{rounded:,.{max(carried, 0)}f}".replace("-", MINUS)
    match form:
        case Format.SHARE | Format.CASES:
            text = f"{number:.2f}"
        case Format.NUMBER:
            text = f"{number:,.4g}" if abs(number) < 1e4 else f"{number:,.0f}"
        case _:
            text = f"{number:,.{decimals_of(abs(number))}f}"
    return text.replace("-", MINUS)


def usual_decimals(number: float, form: Format) -> int:
    """Return the decimals of a number whose spread is not known."""
    if form in (Format.SHARE, Format.CASES):
        return 2
    if form is not Format.NUMBER:
        return decimals_of(abs(number))
    shown = f"{number:.4g}" if abs(number) < 1e4 else ""
    return len(shown.partition(".")[2]) if "e" not in shown else 4


def decimals_of(size: float) -> int:
    """Return the decimals that leave a number about three significant digits."""
    if size >= 100:
        return 0
    return 1 if size >= 10 else 2
