"""How a result looks as the last value of a notebook's cell: a small table."""

from __future__ import annotations

import html
from collections.abc import Mapping

from grader.measures import unit_in_words
from grader.records.findings import Measured
from grader.records.verdict import Score, Verdict
from grader.text import notebook_line

REASON_CHARACTERS = 400


def result_table(
    task: str,
    author: str,
    verdict: Verdict,
    score: Score | None,
    measurements: Mapping[str, Measured],
) -> str:
    """Return a result as an HTML table in which every text is cleaned and escaped.

    task: its title.
    """
    caption = f"<b>{html.escape(verdict.status.value.replace('_', ' '))}</b>"
    rows = [
        ("task", notebook_line(task)),
        ("author", notebook_line(author)),
    ]
    if verdict.reason:
        rows.append(("reason", notebook_line(verdict.reason, REASON_CHARACTERS)))
    if score is not None:
        caption += f", {score.total:.1f} of 100 points"
        for part, points, most in (
            ("accuracy", score.accuracy, score.max_accuracy),
            ("speed", score.speed, score.max_speed),
            ("memory", score.memory, score.max_memory),
        ):
            if most:
                rows.append((f"{part} points", f"{points:.1f} of {most:.0f}"))
    for name, figure in measurements.items():
        shown = f"{figure.value:.4g} {unit_in_words(figure.unit)}"
        rows.append((notebook_line(name), notebook_line(shown)))
    body = "".join(
        f"<tr><th style='text-align:left'>{name}</th><td>{value}</td></tr>" for name, value in rows
    )
    return f"<table><caption>{caption}</caption>{body}</table>"
