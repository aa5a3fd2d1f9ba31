"""What a reader sees at the mark of an entry, whatever the figure is."""

from __future__ import annotations

from grader.records import Result
from grader.results.boards import Entry
from grader.text import shown_name
from reports.figures.plot import NAME_CHARACTERS
from reports.numbers import points_text
from reports.words import VERDICTS


def entry_title(result: Result) -> str:
    """Return who made an entry, and what it is called."""
    author = shown_name(result.submission.author, NAME_CHARACTERS)
    name = shown_name(result.submission.name, NAME_CHARACTERS, missing="")
    return f"{author}: {name}" if name else author


def score_line(entry: Entry) -> str:
    """Return the verdict of an entry, with its score."""
    score = entry.result.score
    word = VERDICTS[entry.result.verdict.status].text
    return f"{word}, score {points_text(score.total)}" if score else word
