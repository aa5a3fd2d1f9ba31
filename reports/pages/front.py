"""The first page: every task with who leads it, what is new, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.records import Result, Status
from grader.results.boards import Board, Entry
from grader.text import same_name, shown_name
from reports.contents import Contents
from reports.numbers import DASH, figure_text, measure_name, points_text
from reports.pages.board import rank_text
from reports.pages.page import FRONT, render

NEWEST = 8
LEADERS = 3
MOST_LEFT_OUT = 20
AUTHOR_CHARACTERS = 40
LINE_CHARACTERS = 300


@dataclass(frozen=True)
class Leader:
    """One of the first on a board."""

    rank: str
    author: str
    points: str
    metric: str
    page: str


@dataclass(frozen=True)
class TaskCard:
    """A task with its first board."""

    title: str
    about: str
    stage: str
    address: str
    entries: int
    metric: str
    leaders: list[Leader]
    others: int  # boards of this task beside the first


def front_page(contents: Contents) -> str:
    """Return the HTML page."""
    cards = [card_of(boards, contents) for boards in contents.boards_by_task.values()]
    graded = sum(run.summary.status != Status.GRADER_ERROR for run in contents.runs)
    left_out = contents.left_out
    return render(
        "index.html",
        here=FRONT,
        stages=[(stage, list(group)) for stage, group in groupby(cards, lambda card: card.stage)],
        tasks=len(cards),
        authors=len({same_name(run.summary.author) for run in contents.runs}),
        graded=graded,
        troubles=len(contents.runs) - graded,
        newest=[(each, contents.address_of(each)) for each in newest(contents)],
        latest=contents.latest,
        left_out=[shown_name(line, LINE_CHARACTERS) for line in left_out[:MOST_LEFT_OUT]],
        more_left_out=len(left_out) - MOST_LEFT_OUT,
    )


def newest(contents: Contents) -> list[Result]:
    """Return the newest results, the newest first."""
    runs = sorted(contents.runs, key=lambda run: run.summary.created, reverse=True)
    return [run.result for run in runs[:NEWEST]]


def card_of(boards: Sequence[Board], contents: Contents) -> TaskCard:
    """Return the card of one task; its first board is the current exam in the strongest tier."""
    first = boards[0]
    return TaskCard(
        title=contents.title_of(first),
        about=contents.about_of(first),
        stage=contents.stage_of(first),
        address=contents.board_address(first.key),
        entries=len(first.places),
        metric=measure_name(first.newest.metric_key),
        leaders=[leader_of(entry, contents) for entry in first.leaders(LEADERS)],
        others=len(boards) - 1,
    )


def leader_of(entry: Entry, contents: Contents) -> Leader:
    result = entry.result
    return Leader(
        rank=rank_text(entry),
        author=shown_name(result.submission.author, AUTHOR_CHARACTERS),
        points=points_text(result.score.total) if result.score else DASH,
        metric=figure_text(result, result.metric_key),
        page=contents.address_of(result),
    )
