"""The first page: every task with who leads it, what is new, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.course.curriculum import Task
from grader.records import Result, Status
from grader.results.boards import Board, BoardKey
from grader.results.runs import Run
from reports import display
from reports.pages.board import BOARDS
from reports.pages.page import render

NEWEST = 8
LEADERS = 3
MOST_LEFT_OUT = 20


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


def front_page(
    runs: Sequence[Run],
    boards: Sequence[Board],
    tasks: Sequence[Task],
    names: Mapping[BoardKey, str],
    pages: Mapping[str, str],
    *,
    latest: bool = False,
    left_out: Sequence[str] = (),
) -> str:
    """Return the HTML page. left_out: a line for everything the site lacks, with the reason."""
    by_id = {task.id: task for task in tasks}
    cards = [
        card_of(list(group), by_id.get(task_id), names, pages)
        for task_id, group in groupby(boards, lambda board: board.key.task_id)
    ]
    graded = sum(run.summary.status != Status.GRADER_ERROR for run in runs)
    newest = [
        run.result
        for run in sorted(runs, key=lambda run: run.summary.created, reverse=True)[:NEWEST]
    ]
    return render(
        "index.html",
        here="index.html",
        stages=[(stage, list(group)) for stage, group in groupby(cards, lambda card: card.stage)],
        tasks=len(cards),
        authors=len({display.same_name(run.summary.author) for run in runs}),
        graded=graded,
        troubles=len(runs) - graded,
        newest=[(result, pages[result.mark]) for result in newest],
        latest=latest,
        left_out=[display.shown_name(line, 300) for line in left_out[:MOST_LEFT_OUT]],
        more_left_out=len(left_out) - MOST_LEFT_OUT,
    )


def card_of(
    boards: Sequence[Board],
    task: Task | None,
    names: Mapping[BoardKey, str],
    pages: Mapping[str, str],
) -> TaskCard:
    """Return the card of one task; its first board is the current exam in the strongest tier."""
    first = boards[0]
    return TaskCard(
        title=task.spec.title if task is not None else first.newest.task.title,
        about=task.spec.about if task is not None else "",
        stage=task.spec.stage if task is not None else "not in this curriculum",
        address=f"{BOARDS}/{names[first.key]}",
        entries=len(first.places),
        metric=display.measure_name(first.newest.metric_key),
        leaders=[
            Leader(
                rank=f"{entry.rank}{'=' if entry.shared else ''}",
                author=display.shown_name(entry.result.submission.author, 40),
                points=display.points(entry.result.score.total)
                if entry.result.score
                else display.DASH,
                metric=metric_text(entry.result),
                page=f"results/{pages[entry.result.mark]}",
            )
            for entry in first.leaders(LEADERS)
        ],
        others=len(boards) - 1,
    )


def metric_text(result: Result) -> str:
    measured = result.measurements.get(result.metric_key)
    return display.value_text(result.metric_key, measured) if measured is not None else display.DASH
