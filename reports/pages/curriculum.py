"""The course as a map: its stages and tasks, and for each learner what is done, what is next and
what is locked.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from grader.course.curriculum import Task
from grader.records import Status, Summary
from grader.results.boards import Board, BoardKey
from reports import display
from reports.pages.page import render

MINUTE = 60
Learner = dict[str, Any]


@dataclass(frozen=True)
class TaskCard:
    """One task of the course."""

    task: Task
    needs: list[tuple[str, str]]  # id, title
    accepted: int  # authors with an accepted run
    tried: int
    best: str
    board: str  # the address of its board, or nothing


def curriculum_page(
    tasks: Sequence[Task], boards: Sequence[Board], names: Mapping[BoardKey, str]
) -> str:
    """Return the HTML page; `names` is what `board_page.board_pages` returned."""
    current = [board for board in boards if board.is_current]
    tried = runs_of(tasks, current)
    cards = cards_of(tasks, current, tried, names)
    return render(
        "curriculum.html",
        here="curriculum.html",
        has_script=True,
        stages=[
            (stage, list(group))
            for stage, group in groupby(cards, lambda card: card.task.spec.stage)
        ],
        learners=learners(tried),
        course={
            task.id: {"title": display.shown_name(task.spec.title), "needs": task.spec.needs}
            for task in tasks
        },
    )


def runs_of(tasks: Sequence[Task], boards: Sequence[Board]) -> dict[str, dict[str, list[Summary]]]:
    """Return every graded run of the course's tasks: task id -> author -> runs, in whatever
    tier.
    """
    found: dict[str, dict[str, list[Summary]]] = {task.id: {} for task in tasks}
    for board in boards:
        theirs = found.get(board.key.task_id)
        if theirs is not None:
            for run in board.graded:
                theirs.setdefault(display.same_name(run.summary.author), []).append(run.summary)
    return found


def cards_of(
    tasks: Sequence[Task],
    boards: Sequence[Board],
    tried: Mapping[str, Mapping[str, Sequence[Summary]]],
    names: Mapping[BoardKey, str],
) -> list[TaskCard]:
    """Return a card a task, in the order of the course."""
    titles = {task.id: task.spec.title for task in tasks}
    first = {board.key.task_id: f"boards/{names[board.key]}" for board in reversed(boards)}
    cards = []
    for task in tasks:
        accepted = [
            [score(run) for run in runs if run.status == Status.ACCEPTED]
            for runs in tried[task.id].values()
        ]
        best = max((max(scores) for scores in accepted if scores), default=None)
        cards.append(
            TaskCard(
                task,
                [(need, titles.get(need, need)) for need in task.spec.needs],
                sum(bool(scores) for scores in accepted),
                len(accepted),
                display.points(best) if best is not None else "",
                first.get(task.id, ""),
            )
        )
    return cards


def learners(tried: Mapping[str, Mapping[str, Sequence[Summary]]]) -> list[Learner]:
    """Return for each author what was tried: by task whether it is done, the best score, runs and
    minutes; by name.

    A task is done with an accepted run of its current exam, in whatever tier.
    """
    names: dict[str, str] = {}
    ways: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    for task_id, authors in tried.items():
        for who, runs in authors.items():
            names.setdefault(who, display.shown_name(runs[0].author, 40))
            ways[who][task_id] = way(runs)
    return [
        {"name": names[who], "tasks": theirs}
        for who, theirs in sorted(ways.items(), key=lambda item: names[item[0]].casefold())
    ]


def way(runs: Sequence[Summary]) -> list[Any]:
    """Return of one learner's runs of one task: 1 if accepted, best score, runs, minutes graded,
    day of acceptance.
    """
    accepted = [run for run in runs if run.status == Status.ACCEPTED]
    best = max((score(run) for run in accepted or runs), default=0.0)
    minutes = sum(run.seconds for run in runs if math.isfinite(run.seconds)) / MINUTE
    when = min((run.created for run in accepted), default=None)
    day = f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d}" if when is not None else ""
    return [int(bool(accepted)), round(best, 1), len(runs), round(minutes, 1), day]


def score(run: Summary) -> float:
    return run.total if run.total is not None and math.isfinite(run.total) else 0.0
