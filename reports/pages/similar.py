"""Pairs of similar submissions with their passages side by side, as one file that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from markupsafe import Markup

from reports.assets import contents
from reports.pages.page import render

MOST_PAIRS = 60
MOST_PASSAGES = 12
MOST_LINES = 40


class Source(Protocol):
    """What one author handed in."""

    @property
    def author(self) -> str: ...
    @property
    def text(self) -> str: ...


class Passage(Protocol):
    """Lines that two submissions share, from 1."""

    @property
    def one(self) -> tuple[int, int]: ...
    @property
    def other(self) -> tuple[int, int]: ...


class Pair(Protocol):
    """Two submissions and what they share, as `grader.classroom.similarity` has them."""

    @property
    def one(self) -> Source: ...
    @property
    def other(self) -> Source: ...
    @property
    def share(self) -> float: ...
    @property
    def marks(self) -> int: ...
    @property
    def passages(self) -> Sequence[Passage]: ...


def similar_page(pairs: Sequence[Pair], title: str) -> str:
    """Return the HTML page."""
    return render(
        "similar.html",
        layout="alone.html",
        inline_style=Markup(contents()["style"].decode()),
        task=title,
        pairs=[shown_pair(pair) for pair in pairs[:MOST_PAIRS]],
        more=max(0, len(pairs) - MOST_PAIRS),
    )


def shown_pair(pair: Pair) -> dict[str, Any]:
    passages = []
    for passage in pair.passages[:MOST_PASSAGES]:
        passages.append(
            {
                "one": lines_of(pair.one.text, passage.one),
                "other": lines_of(pair.other.text, passage.other),
                "places": (passage.one[0], passage.other[0]),
            }
        )
    return {
        "one": pair.one.author,
        "other": pair.other.author,
        "share": f"{100 * pair.share:.0f} %",
        "marks": pair.marks,
        "passages": passages,
    }


def lines_of(text: str, place: tuple[int, int]) -> str:
    """Return some lines of a text, cut where they are too many."""
    lines = text.split("\n")[place[0] - 1 : place[1]]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "[cut]"]
    return "\n".join(lines)
