"""Two results side by side, as one file that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from markupsafe import Markup

from grader.records import Details, Measured, Result
from reports.assets import contents
from reports.figures.latency_drawing import latency_drawing
from reports.numbers import DASH, interval_text, points_text, value_text
from reports.pages.page import render


class Row(Protocol):
    """One figure of both results, as `grader.classroom.compare` has it."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def one(self) -> Measured | None: ...
    @property
    def other(self) -> Measured | None: ...
    @property
    def meaning(self) -> str: ...


class Comparison(Protocol):
    """Two results side by side, as `grader.classroom.compare` has them."""

    @property
    def one(self) -> Result: ...
    @property
    def other(self) -> Result: ...
    @property
    def points(self) -> Sequence[tuple[str, float | None, float | None]]: ...
    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def cases(self) -> Sequence[tuple[str, str, str]]: ...
    @property
    def notes(self) -> Sequence[str]: ...
    @property
    def diff(self) -> Sequence[str]: ...


def comparison_page(
    found: Comparison, details: tuple[Details | None, Details | None] = (None, None)
) -> str:
    """Return the HTML page. details: what is kept beside both results."""
    return render(
        "comparison.html",
        layout="alone.html",
        inline_style=Markup(contents()["style"].decode()),
        one=found.one,
        other=found.other,
        points=[(name, points(one), points(other)) for name, one, other in found.points],
        rows=[figure_row(row) for row in found.rows],
        cases=found.cases,
        latency=latency_drawing(*details),
        notes=found.notes,
        diff=[(kind_of(line), line) for line in found.diff],
    )


def points(value: float | None) -> str:
    return DASH if value is None else points_text(value)


def figure_row(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "one": shown(row.key, row.one),
        "other": shown(row.key, row.other),
        "meaning": row.meaning,
    }


def shown(key: str, measured: Measured | None) -> str:
    """Return a figure with its interval."""
    if measured is None:
        return DASH
    interval = interval_text(key, measured)
    return f"{value_text(key, measured)} ({interval})" if interval else value_text(key, measured)


def kind_of(line: str) -> str:
    """Return what a line of a diff is: "in", "out" or neither."""
    if line.startswith("+") and not line.startswith("+++"):
        return "in"
    return "out" if line.startswith("-") and not line.startswith("---") else ""
