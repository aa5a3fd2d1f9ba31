"""What the class page shows beside the results: grades, regrades, similar submissions."""

from __future__ import annotations

import json
from typing import Any

from grader.classroom.class_folder import ClassFolder
from grader.classroom.journal import Line
from grader.records.gradebook import ClassView, Gradebook, Regraded, SimilarPair

SIMILAR_FILE = "similar.json"  # what `grader similar` found last


def view_of(school: ClassFolder, book: Gradebook) -> ClassView:
    """Return what the class page shows of a class."""
    lines = school.journal.lines()
    regrades = [regraded(line) for line in lines if line.get("what") == "regrade"]
    return ClassView(book, tuple(regrades), tuple(similar_pairs(school)))


def regraded(line: Line) -> Regraded:
    return Regraded(
        at=str(line.get("at", "")),
        author=str(line.get("author", "")),
        task=str(line.get("task", "")),
        before=number(line.get("points_before")),
        after=number(line.get("points_after")),
        why=str(line.get("why", "")),
        by=str(line.get("by", "")),
    )


def number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def similar_pairs(school: ClassFolder) -> list[SimilarPair]:
    """Return the pairs that were found last; none where nobody looked or the file is damaged."""
    try:
        found = json.loads((school.path / SIMILAR_FILE).read_text("utf-8"))
        return [SimilarPair(**pair) for pair in found["pairs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
