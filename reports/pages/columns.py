"""Columns and cells of the tables that the browser draws, and the figures beside them.

A cell is None, a text, or [text, value to sort by, ...]; what follows depends on the kind of its
column and is read by site.js.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reports.figures.plot import Plot

NUMBER_KINDS = ("figure", "score", "place")

Cell = list[Any] | str | None


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    key: str
    title: str
    kind: str = "text"
    greatest_first: bool = False  # the first click on its heading shows the greatest value first
    about: str = ""
    spare: bool = False  # hidden until somebody chooses it
    choices: bool = False  # few values: the heading offers them as a filter
    exact: bool = False  # counted, not sampled: any difference means something

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBER_KINDS

    def plain(self) -> dict[str, Any]:
        """Return what the page's script needs."""
        return {
            "key": self.key,
            "title": self.title,
            "kind": self.kind,
            "isNumber": self.is_number,
            "greatestFirst": self.greatest_first,
            "choices": self.choices,
            "spare": self.spare,
            "exact": self.exact,
        }


@dataclass(frozen=True)
class Figure:
    """A plot as a page needs it."""

    id: str
    plot: Plot
    values: dict[str, Any]


def figures_of(plots: Iterable[Plot]) -> list[Figure]:
    """Return plots with an id each."""
    figures = []
    for number, plot in enumerate(plots, start=1):
        figures.append(Figure(f"plot-{number}", plot, plot.values()))
    return figures
