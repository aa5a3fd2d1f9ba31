"""Figures as people read them in a terminal: SI units, and no digit that the spread does not carry.

A figure is rounded to two significant digits of half its spread, as the Guide to the Expression of
Uncertainty in Measurement (JCGM 100:2008, 7.2.6) asks for; one without a spread keeps the digits of
its format.
"""

from __future__ import annotations

from rich.console import Console

from grader import measures
from grader.measures import Format, Measure
from grader.records import Measured
from grader.text import terminal_line

MIB = 1 << 20
MOST_DECIMALS = {Format.SHARE: 2, Format.SECONDS: 2, Format.RATIO: 2, Format.NUMBER: 4}
# What an old terminal cannot draw, and what stands there instead.
TIMES = "\u00d7"
PLAIN = str.maketrans({"µ": "u", "█": "#", "░": ".", TIMES: "x", "→": ">"})


def drawable(console: Console, text: str) -> str:
    """Return a text of ours as the terminal's encoding can show it."""
    try:
        text.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(PLAIN)
    return text


def show_value(figure: Measured, measure: Measure | None = None) -> str:
    """Return the value of a figure with its unit; of a plain number with its measure's suffix."""
    match measures.format_of("", figure.unit):
        case Format.CASES:
            return f"{round(figure.value * figure.n)} of {figure.n}"
        case Format.BYTES:
            return f"{figure.value / MIB:.0f} MiB"
    factor, unit = scale_of(figure, measure)
    return f"{digits(figure, figure.value, factor)} {unit}".rstrip()


def show_ends(figure: Measured) -> str:
    """Return both ends of a spread in the unit of the value; empty where none is shown."""
    if not shows_ends(figure) or figure.ends is None:
        return ""
    factor, _ = scale_of(figure)
    low, high = (digits(figure, end, factor) for end in figure.ends)
    return f"{low} to {high}"


def shows_ends(figure: Measured) -> bool:
    """Whether the ends of a spread are shown: of every interval, and of some quartiles."""
    match measures.format_of("", figure.unit):
        case Format.SHARE | Format.SECONDS | Format.RATIO:
            return True
        case Format.NUMBER:
            return figure.interval is not None
    return False


def scale_of(figure: Measured, measure: Measure | None = None) -> tuple[float, str]:
    """Return the factor and the unit in which a figure reads best."""
    match measures.format_of("", figure.unit):
        case Format.SHARE:
            return 100.0, "%"
        case Format.SECONDS:
            return scale_of_seconds(abs(figure.value))
        case Format.RATIO:
            return 1.0, TIMES
        case Format.RATE:
            return 1.0, "/s"
    return 1.0, "" if measure is None else terminal_line(measure.suffix)


def scale_of_seconds(size: float) -> tuple[float, str]:
    if size < 1e-3:
        return 1e6, "µs"
    if size < 1:
        return 1e3, "ms"
    return 1.0, "s"


def digits(figure: Measured, value: float, factor: float) -> str:
    """Return a value, or an end of a figure's spread, in the digits that the spread carries."""
    form = measures.format_of("", figure.unit)
    carried = figure.decimals(factor)
    if carried is None:
        return plain_digits(form, value * factor, factor)
    places = min(carried, MOST_DECIMALS.get(form, 0))
    return f"{round(value * factor, places) + 0.0:,.{max(places, 0)}f}"


def plain_digits(form: Format, number: float, factor: float) -> str:
    """Return a number whose spread is not known."""
    if form is Format.SECONDS:
        places = {1e6: 0, 1e3: 2}.get(factor, 1)
        return f"{number:.{places}f}"
    if form in (Format.SHARE, Format.RATIO):
        return f"{number:.2f}"
    return show_number(number)


def show_number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def short_figure(figure: Measured | None) -> str:
    """Return a figure for a narrow column; empty where there is none."""
    if figure is None:
        return ""
    if figure.unit == "inputs a second":
        return f"{figure.value / 1000:.1f}k" if figure.value >= 1000 else f"{figure.value:.0f}"
    return show_value(figure)


def board_cell(measure: Measure, figure: Measured | None) -> str:
    """Return a figure for a board: a number has its short suffix at most, as columns are narrow."""
    if figure is None or measure.format is not Format.NUMBER:
        return short_figure(figure)
    return f"{digits(figure, figure.value, 1.0)} {measure.suffix}".rstrip()
