"""One page for each author: the way through the course, and every attempt at every task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.records import Status, Summary
from grader.text import shown_name
from reports.attempts import change_between, comparable
from reports.contents import Contents
from reports.numbers import points_text
from reports.pages.page import render
from reports.words import VERDICTS, Word, day

WIDTH = 120  # of a drawing of scores, in its own units
HEIGHT = 32


@dataclass(frozen=True)
class Row:
    """One attempt."""

    number: int
    page: str
    when: str
    word: Word
    status: str
    points: str
    change: str


@dataclass(frozen=True)
class TaskOfAuthor:
    """All attempts at one task that can be compared."""

    title: str
    board: str
    where: str  # tier and device
    best: str
    line: str  # the scores over time, as the points of a line; empty with fewer than two
    rows: list[Row]


def author_page(key: str, contents: Contents) -> str:
    """Return the HTML page. key: of the author in `contents.attempts`."""
    summaries = contents.attempts[key]
    groups = comparable(summaries)
    order = {task.id: number for number, task in enumerate(contents.tasks)}
    keys = sorted(groups, key=lambda group: (order.get(group[0], len(order)), group))
    accepted = {each.task for each in summaries if each.status == Status.ACCEPTED}
    path = [(task.spec.title, task.id in accepted, task.spec.stage) for task in contents.tasks]
    return render(
        "author.html",
        root="../",
        author=shown_name(summaries[-1].author),
        attempts=len(summaries),
        done=sum(task.id in accepted for task in contents.tasks),
        path=path,
        tasks=[task_of(groups[group], contents) for group in keys],
    )


def task_of(summaries: Sequence[Summary], contents: Contents) -> TaskOfAuthor:
    """Return what the page shows of one task."""
    last = summaries[-1]
    task = contents.tasks_by_id.get(last.task)
    totals = [each.total for each in summaries if each.total is not None]
    return TaskOfAuthor(
        title=shown_name(last.task if task is None else task.spec.title),
        board=contents.board_of(last),
        where=f"{last.tier}, {shown_name(last.device, 40)}",
        best=points_text(max(totals)) if totals else "",
        line=line_of(totals),
        rows=rows_of(summaries, contents),
    )


def rows_of(summaries: Sequence[Summary], contents: Contents) -> list[Row]:
    """Return the attempts, the newest first."""
    rows = []
    for number, each in enumerate(summaries, start=1):
        status = Status(each.status)
        before = summaries[number - 2] if number > 1 else None
        rows.append(
            Row(
                number=number,
                page=contents.result_address(each.mark),
                when=day(datetime.fromtimestamp(each.created, UTC)),
                word=VERDICTS[status],
                status=status.value,
                points="" if each.total is None else points_text(each.total),
                change="" if before is None else change_between(before, each),
            )
        )
    return rows[::-1]


def line_of(totals: Sequence[float]) -> str:
    """Return the scores as points of a line from left to right, 100 at the top."""
    if len(totals) < 2:
        return ""
    step = WIDTH / (len(totals) - 1)
    points = []
    for number, total in enumerate(totals):
        share = min(max(total / 100, 0.0), 1.0)
        points.append(f"{number * step:.1f},{HEIGHT * (1 - share):.1f}")
    return " ".join(points)
