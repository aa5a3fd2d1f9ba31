"""The course as a map: its stages and tasks, and for each learner what is done and what is next."""

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
from grader.text import same_name, shown_name
from reports.contents import Contents
from reports.numbers import points_text
from reports.pages.page import CURRICULUM, render

MINUTE = 60
NAME_CHARACTERS = 40

Learner = dict[str, Any]
Tried = dict[str, dict[str, list[Summary]]]  # task id -> author -> graded runs


@dataclass(frozen=True)
class TaskCard:
    """One task of the course."""

    task: Task
    needs: list[tuple[str, str]]  # id, title
    accepted: int  # authors with an accepted run
    tried: int
    best: str  # score of an accepted run; empty without one
    board: str  # the address of its board; empty without one
    lesson: str  # the address of its lesson; empty without one


def curriculum_page(contents: Contents) -> str:
    """Return the HTML page."""
    tried = runs_of(contents)
    cards = cards_of(contents, tried)
    course = {}
    for task in contents.tasks:
        course[task.id] = {"title": shown_name(task.spec.title), "needs": task.spec.needs}
    return render(
        "curriculum.html",
        here=CURRICULUM,
        has_script=True,
        stages=[
            (stage, list(group))
            for stage, group in groupby(cards, lambda card: card.task.spec.stage)
        ],
        learners=learners(tried),
        course=course,
    )


def runs_of(contents: Contents) -> Tried:
    """Return every graded run of today's exams of the course, in whatever tier."""
    found: Tried = {task.id: {} for task in contents.tasks}
    for board in contents.current_boards:
        theirs = found.get(board.key.task_id)
        if theirs is None:
            continue
        for run in board.graded:
            theirs.setdefault(same_name(run.summary.author), []).append(run.summary)
    return found


def cards_of(contents: Contents, tried: Tried) -> list[TaskCard]:
    """Return a card for each task, in the order of the course."""
    first_boards: dict[str, str] = {}
    for board in contents.current_boards:
        first_boards.setdefault(board.key.task_id, contents.board_address(board.key))
    titles = {task.id: task.spec.title for task in contents.tasks}
    cards = []
    for task in contents.tasks:
        bests = accepted_bests(tried[task.id])
        cards.append(
            TaskCard(
                task=task,
                needs=[(need, titles.get(need, need)) for need in task.spec.needs],
                accepted=len(bests),
                tried=len(tried[task.id]),
                best=points_text(max(bests)) if bests else "",
                board=first_boards.get(task.id, ""),
                lesson=contents.lessons.get(task.id, ""),
            )
        )
    return cards


def accepted_bests(runs_by_author: Mapping[str, Sequence[Summary]]) -> list[float]:
    """Return the best accepted score of each author who has one."""
    bests = []
    for runs in runs_by_author.values():
        accepted = [score(run) for run in runs if run.status == Status.ACCEPTED]
        if accepted:
            bests.append(max(accepted))
    return bests


def learners(tried: Tried) -> list[Learner]:
    """Return for each author the way through the course: task id -> `way`. Sorted by name.

    A task is done with an accepted run of its current exam, in whatever tier.
    """
    names: dict[str, str] = {}
    ways: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    for task_id, authors in tried.items():
        for who, runs in authors.items():
            names.setdefault(who, shown_name(runs[0].author, NAME_CHARACTERS))
            ways[who][task_id] = way(runs)
    in_order = sorted(ways, key=lambda who: names[who].casefold())
    return [{"name": names[who], "tasks": ways[who]} for who in in_order]


def way(runs: Sequence[Summary]) -> list[Any]:
    """Return what one learner did in one task.

    1 if accepted, the best score, the number of runs, minutes graded, and the day of acceptance.
    """
    accepted = [run for run in runs if run.status == Status.ACCEPTED]
    best = max((score(run) for run in accepted or runs), default=0.0)
    seconds = sum(run.seconds for run in runs if math.isfinite(run.seconds))
    day = ""
    if accepted:
        first = min(run.created for run in accepted)
        day = f"{datetime.fromtimestamp(first, UTC):%Y-%m-%d}"
    return [int(bool(accepted)), round(best, 1), len(runs), round(seconds / MINUTE, 1), day]


def score(run: Summary) -> float:
    """Return a run's score; 0 if it has none."""
    return run.total if run.total is not None and math.isfinite(run.total) else 0.0
