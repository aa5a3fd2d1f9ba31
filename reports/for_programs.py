"""The site for programs: JSON with a published schema, an Atom feed, badges.

Everything here is written from what the pages show, so it holds no more than they do. The schemas
stand in `schemas/` of the site and follow from the models below and from `Result` itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from pydantic import BaseModel

from grader.records import Measured, Result, Status, Summary
from grader.results.boards import Board, Entry
from grader.text import page_line, shown_name
from reports.attempts import says
from reports.contents import Contents, digest
from reports.numbers import figure_text

NEWEST = 30  # entries of the feed
RESULTS_FILE = "results.json"
FEED_FILE = "feed.xml"
BADGES = "badges"
SCHEMA_FILES = ("result.schema.json", "results.schema.json", "board.schema.json")
SCHEMAS = "schemas"
LETTER = 6.6  # the width of a letter of a badge, on average
PADDING = 12


class ListedResult(BaseModel):
    """One graded run, as results.json lists it."""

    id: str
    task: str
    author: str
    status: Status
    score: float | None  # null: the grader's own trouble
    tier: str
    device: str
    exam_version: str
    created_at: datetime
    page: str  # from the site's folder
    json_file: str  # the whole result, as result.schema.json describes it


class ResultsFile(BaseModel):
    """results.json: every graded run, oldest first."""

    format: Literal["dl-grader results 1"] = "dl-grader results 1"
    results: list[ListedResult]


class BoardEntry(BaseModel):
    """One entry of a board."""

    rank: int | None  # null for what is not accepted
    shared: bool  # others have the same rank: the intervals overlap
    author: str
    name: str
    status: Status
    score: float | None
    measurements: dict[str, Measured]
    attempts: int
    page: str


class BoardFile(BaseModel):
    """boards/NAME.json: one board, in its order."""

    format: Literal["dl-grader board 1"] = "dl-grader board 1"
    task: str
    exam_version: str
    tier: str
    device: str
    entries: list[BoardEntry]


def schemas() -> dict[str, str]:
    """Return the JSON Schema of every file, by its name."""
    found = {}
    models: tuple[type[BaseModel], ...] = (Result, ResultsFile, BoardFile)
    for name, model in zip(SCHEMA_FILES, models, strict=True):
        found[name] = json.dumps(model.model_json_schema(), indent=1)
    return found


def results_file(contents: Contents) -> str:
    """Return results.json."""
    listed = [listed_result(summary, contents) for summary in oldest_first(contents)]
    return ResultsFile(results=listed).model_dump_json()


def oldest_first(contents: Contents) -> list[Summary]:
    summaries = [run.summary for run in contents.runs]
    return sorted(summaries, key=lambda summary: (summary.created, summary.id))


def listed_result(summary: Summary, contents: Contents) -> ListedResult:
    page = contents.result_address(summary.mark)
    return ListedResult(
        id=shown_name(summary.id, 120),
        task=shown_name(summary.task, 120),
        author=shown_name(summary.author),
        status=Status(summary.status),
        score=summary.total,
        tier=summary.tier,
        device=shown_name(summary.device),
        exam_version=shown_name(summary.exam_version, 120),
        created_at=datetime.fromtimestamp(summary.created, UTC),
        page=page,
        json_file=json_beside(page),
    )


def json_beside(page: str) -> str:
    """Return the name of the JSON file that stands beside a page."""
    return f"{page.removesuffix('.html')}.json"


def board_file(board: Board, contents: Contents) -> str:
    """Return the JSON of one board."""
    key = board.key
    made = BoardFile(
        task=shown_name(key.task_id, 120),
        exam_version=shown_name(key.exam_version, 120),
        tier=key.tier.value,
        device=shown_name(key.device),
        entries=[board_entry(entry, contents) for entry in board.entries],
    )
    return made.model_dump_json()


def board_entry(entry: Entry, contents: Contents) -> BoardEntry:
    result = entry.result
    return BoardEntry(
        rank=entry.rank,
        shared=entry.shared,
        author=shown_name(result.submission.author),
        name=shown_name(result.submission.name),
        status=result.verdict.status,
        score=result.score.total if result.score else None,
        measurements=result.measurements,
        attempts=entry.attempts,
        page=contents.address_of(result),
    )


def feed(contents: Contents) -> str:
    """Return an Atom feed of the newest results (RFC 4287)."""
    newest = oldest_first(contents)[-NEWEST:][::-1]
    updated = moment(newest[0].created if newest else 0.0)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        "<title>dl-grader: newest results</title>",
        "<id>urn:dl-grader:newest</id>",
        '<link rel="alternate" href="index.html"/>',
        f"<updated>{updated}</updated>",
    ]
    for summary in newest:
        lines += entry_of(summary, contents)
    return "\n".join([*lines, "</feed>"]) + "\n"


def entry_of(summary: Summary, contents: Contents) -> Iterator[str]:
    """Yield the lines of one entry; names are cleaned and escaped."""
    task = contents.tasks_by_id.get(summary.task)
    title = shown_name(summary.task if task is None else task.spec.title)
    author = shown_name(summary.author)
    said = f"{title}: {author}, {says(summary)}"
    yield "<entry>"
    yield f"<title>{escape(said)}</title>"
    yield f"<id>urn:dl-grader:{digest(summary.mark)}</id>"
    yield f"<link href={quoteattr(contents.result_address(summary.mark))}/>"
    yield f"<updated>{moment(summary.created)}</updated>"
    yield f"<author><name>{escape(author)}</name></author>"
    yield "</entry>"


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def badges(contents: Contents) -> dict[str, str]:
    """Return a badge with the best entry of each task, by its file's name."""
    found = {}
    for boards in contents.boards_by_task.values():
        leaders = boards[0].leaders(1)
        if not leaders:
            continue
        result = leaders[0].result
        name = contents.board_files[boards[0].key].removesuffix(".html")
        title = contents.title_of(boards[0])
        found[f"{name}.svg"] = badge(title, figure_text(result, result.metric_key))
    return found


def badge(label: str, value: str) -> str:
    """Return two words side by side as an SVG that stands alone."""
    label = shown_name(label, 40)
    value = page_line(value)
    left = len(label) * LETTER + PADDING
    right = len(value) * LETTER + PADDING
    both = f"{label}: {value}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.0f}" height="20" role="img"'
        f" aria-label={quoteattr(both)}>"
        f'<rect width="{left:.0f}" height="20" fill="#30363d"/>'
        f'<rect x="{left:.0f}" width="{right:.0f}" height="20" fill="#0b6b43"/>'
        '<g fill="#fff" font-family="system-ui,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:.0f}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2:.0f}" y="14">{escape(value)}</text></g></svg>\n'
    )
