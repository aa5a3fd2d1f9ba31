"""The first page: what is new, every task with who leads it, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.records import Result, Status
from grader.results.boards import Board, Entry
from grader.results.runs import Run
from grader.text import shown_name
from reports.contents import Contents, author_address
from reports.numbers import DASH, figure_text, points_text, value_text
from reports.pages.page import FRONT, render

NEWEST = 8
MOST_PLACES = 3000  # that the search knows
MOST_LEFT_OUT = 20
AUTHOR_CHARACTERS = 40
LINE_CHARACTERS = 300


@dataclass(frozen=True)
class Leader:
    """The first on a board."""

    author: str
    author_page: str
    points: str
    metric: str
    page: str


@dataclass(frozen=True)
class TaskLine:
    """A task with its first board."""

    title: str
    about: str
    stage: str
    address: str
    entries: int
    accepted: int
    leader: Leader | None
    par: str  # par's metric; empty where it has none
    others: int  # boards of this task beside the first


def front_page(contents: Contents) -> str:
    """Return the HTML page."""
    lines = [line_of(boards, contents) for boards in contents.boards_by_task.values()]
    graded = sum(run.summary.status != Status.GRADER_ERROR for run in contents.runs)
    left_out = contents.left_out
    return render(
        "index.html",
        here=FRONT,
        has_script=True,
        stages=[(stage, list(group)) for stage, group in groupby(lines, lambda line: line.stage)],
        tasks=len(lines),
        authors=len(contents.attempts),
        graded=graded,
        troubles=len(contents.runs) - graded,
        newest=[news_of(run, contents) for run in newest(contents)],
        latest=contents.latest,
        places=places(lines, contents),
        left_out=[shown_name(line, LINE_CHARACTERS) for line in left_out[:MOST_LEFT_OUT]],
        more_left_out=len(left_out) - MOST_LEFT_OUT,
    )


def newest(contents: Contents) -> list[Run]:
    """Return the newest runs, the newest first."""
    runs = sorted(contents.runs, key=lambda run: run.summary.created, reverse=True)
    return runs[:NEWEST]


def news_of(run: Run, contents: Contents) -> tuple[Result, str, str, str]:
    """Return a result, its page, its author's page, and what changed since the attempt before."""
    around = contents.neighbours[run.summary.mark]
    page = contents.result_address(run.summary.mark)
    return run.result, page, around.author_page, around.change or "the first attempt"


def places(lines: Sequence[TaskLine], contents: Contents) -> list[tuple[str, str, str]]:
    """Return what the search finds: kind, name and address of every task and author."""
    found = [("task", shown_name(line.title), line.address) for line in lines]
    for author, summaries in contents.attempts.items():
        name = shown_name(summaries[-1].author, AUTHOR_CHARACTERS)
        found.append(("author", name, author_address(author)))
    return found[:MOST_PLACES]


def line_of(boards: Sequence[Board], contents: Contents) -> TaskLine:
    """Return the line of one task; its first board is the current exam in the strongest tier."""
    first = boards[0]
    leaders = first.leaders(1)
    statuses = [place.run.summary.status for place in first.places]
    return TaskLine(
        title=contents.title_of(first),
        about=contents.about_of(first),
        stage=contents.stage_of(first),
        address=contents.board_address(first.key),
        entries=len(first.places),
        accepted=statuses.count(Status.ACCEPTED),
        leader=leader_of(leaders[0], contents) if leaders else None,
        par=par_of(leaders[0].result) if leaders else "",
        others=len(boards) - 1,
    )


def par_of(result: Result) -> str:
    """Return the metric of the reference; empty where it was not measured."""
    par = result.par.get(result.metric_key)
    return "" if par is None else value_text(result.metric_key, par)


def leader_of(entry: Entry, contents: Contents) -> Leader:
    result = entry.result
    return Leader(
        author=shown_name(result.submission.author, AUTHOR_CHARACTERS),
        author_page=contents.author_of(result.submission.author),
        points=points_text(result.score.total) if result.score else DASH,
        metric=figure_text(result, result.metric_key),
        page=contents.address_of(result),
    )
