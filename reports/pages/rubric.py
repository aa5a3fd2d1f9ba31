"""A page for grading by hand: each question with its points and its rubric, to print or to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

from reports.assets import contents
from reports.pages.page import render


class Question(Protocol):
    """One question, as `grader.classroom.assignments` has it."""

    @property
    def id(self) -> str: ...
    @property
    def points(self) -> float: ...
    @property
    def rubric(self) -> str: ...


def rubric_page(title: str, questions: Sequence[Question]) -> str:
    """Return the HTML page."""
    return render(
        "rubric.html",
        layout="alone.html",
        inline_style=Markup(contents()["style"].decode()),
        title=title,
        questions=questions,
    )
