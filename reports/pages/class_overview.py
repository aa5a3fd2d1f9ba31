"""The class on one page: who has done what, what needs a person first, and who is stuck.

Only current exams count. Tiers and devices are never mixed: each has a table of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.records import Result, Status, Summary
from grader.results.boards import TIERS, Board
from grader.results.runs import Run
from grader.text import same_name, shown_name
from reports.contents import Contents
from reports.figures.class_plots import score_distribution, verdict_counts
from reports.numbers import DASH, finite, points_text
from reports.pages.class_grades import class_grades
from reports.pages.columns import Column, figures_of
from reports.pages.page import CLASS, render
from reports.words import VERDICTS

STUCK_RUNS = 3
MOST_LISTED = 50
PLAIN_ROWS = 50
NAME_CHARACTERS = 40
NEEDS_A_PERSON = [Status.GRADER_ERROR.value, Status.FLAGGED.value]  # in the order of the list


@dataclass(frozen=True)
class Matrix:
    """Learners by tasks, of one tier and device: rows of cells as a board page has them."""

    id: str
    tier: str
    device: str
    columns: list[Column]
    rows: list[list[Any]]

    @property
    def column_data(self) -> list[dict[str, Any]]:
        return [column.plain() for column in self.columns]


@dataclass(frozen=True)
class Stuck:
    """A learner who tried a task several times and was never accepted."""

    author: str
    task: str
    runs: int
    best: float | None
    run: Run  # the last
    page: str

    @property
    def last(self) -> Result:
        return self.run.result

    @property
    def looks_like(self) -> str:
        """The mistake that the last run was diagnosed with; empty where there is none."""
        found = self.last.diagnoses
        return found[0].title if found else ""


def class_page(contents: Contents) -> str:
    """Return the HTML page."""
    boards = contents.current_boards or list(contents.every_board)
    titles = titles_of(contents, boards)
    grades = class_grades(contents.school, contents)
    # The gradebook has the same rows and columns, by the rules.
    matrices = [] if grades.progress else matrices_of(titles, boards, contents)
    attention = who_needs_attention(boards)
    stuck = who_is_stuck(titles, boards, contents)
    plots = (score_distribution(titles, boards), verdict_counts(titles, boards))
    figures = figures_of(plot for plot in plots if plot is not None)
    return render(
        "class.html",
        here=CLASS,
        has_tables=bool(matrices or grades.progress),
        has_results=bool(boards),
        grades=grades,
        has_plots=bool(figures),
        matrices=matrices,
        plain_rows=PLAIN_ROWS,
        attention=[
            (run.result, titles[run.summary.task], contents.result_address(run.summary.mark))
            for run in attention[:MOST_LISTED]
        ],
        more_attention=len(attention) - MOST_LISTED,
        stuck=stuck[:MOST_LISTED],
        more_stuck=len(stuck) - MOST_LISTED,
        stuck_runs=STUCK_RUNS,
        authors=len({same_name(run.summary.author) for board in boards for run in board.graded}),
        figures=figures,
    )


def titles_of(contents: Contents, boards: Sequence[Board]) -> dict[str, str]:
    """Return task id -> title for the tasks that have a board.

    They come in the order of the course; tasks that it does not have are last.
    """
    present = {board.key.task_id: board.newest.task.title for board in boards}
    titles = {}
    for task in contents.tasks:
        if task.id in present:
            titles[task.id] = task.spec.title
    return titles | {task_id: present[task_id] for task_id in present if task_id not in titles}


# Learners by tasks.


def matrices_of(
    titles: Mapping[str, str], boards: Sequence[Board], contents: Contents
) -> list[Matrix]:
    """Return one matrix for each tier and device, the strongest tier first."""
    by_place: dict[tuple[int, str], dict[str, Board]] = defaultdict(dict)
    for board in boards:
        place = TIERS.index(board.key.tier), board.key.device
        by_place[place][board.key.task_id] = board
    matrices = []
    for number, (place, chosen) in enumerate(sorted(by_place.items()), start=1):
        tier, device = place
        tasks = [task_id for task_id in titles if task_id in chosen]
        columns = [
            Column("author", "Author", "author"),
            Column("accepted", "Accepted", "figure", greatest_first=True),
        ]
        for task_id in tasks:
            title = shown_name(titles[task_id], NAME_CHARACTERS)
            columns.append(Column("task", title, "cell", greatest_first=True))
        rows = rows_of([chosen[task_id] for task_id in tasks], contents)
        matrices.append(Matrix(f"class-{number}", TIERS[tier].value, device, columns, rows))
    return matrices


def rows_of(boards: Sequence[Board], contents: Contents) -> list[list[Any]]:
    """Return a row for each learner, those with most accepted tasks first.

    boards: one for each column of a task.
    """
    names: dict[str, str] = {}
    found: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    accepted: dict[str, int] = defaultdict(int)
    for board in boards:
        for place in board.places:
            summary = place.run.summary
            author = same_name(summary.author)
            names.setdefault(author, shown_name(summary.author, NAME_CHARACTERS))
            found[author][board.key.task_id] = cell(summary, contents)
            accepted[author] += summary.status == Status.ACCEPTED
    rows: list[list[Any]] = []
    for author, theirs in found.items():
        done = accepted[author]
        in_columns = [theirs.get(board.key.task_id) for board in boards]
        rows.append([names[author], [str(done), done], *in_columns])
    return sorted(rows, key=lambda row: (-row[1][1], row[0].casefold()))


def cell(summary: Summary, contents: Contents) -> list[Any]:
    """Return text, points to sort by, address, verdict, its symbol and its word."""
    word = VERDICTS[Status(summary.status)]
    points = DASH if summary.total is None else points_text(summary.total)
    address = contents.result_address(summary.mark)
    return [points, finite(summary.total), address, summary.status, word.symbol, word.text]


# Who needs a person.


def who_needs_attention(boards: Sequence[Board]) -> list[Run]:
    """Return the grader's own trouble, then what is flagged; the newest first."""
    runs = []
    for board in boards:
        for place in board.places:
            if place.run.summary.status in NEEDS_A_PERSON:
                runs.append(place.run)
    return sorted(
        runs, key=lambda run: (NEEDS_A_PERSON.index(run.summary.status), -run.summary.created)
    )


def who_is_stuck(
    titles: Mapping[str, str], boards: Sequence[Board], contents: Contents
) -> list[Stuck]:
    """Return who ran a task often without being accepted, those with most runs first."""
    stuck = []
    for board in boards:
        by_author: dict[str, list[Run]] = defaultdict(list)
        for run in board.graded:
            by_author[same_name(run.summary.author)].append(run)
        for runs in by_author.values():
            if len(runs) >= STUCK_RUNS and not has_accepted(runs):
                stuck.append(stuck_at(titles[board.key.task_id], runs, contents))
    return sorted(stuck, key=lambda each: (-each.runs, each.author.casefold()))


def has_accepted(runs: Sequence[Run]) -> bool:
    return any(run.summary.status == Status.ACCEPTED for run in runs)


def stuck_at(task: str, runs: Sequence[Run], contents: Contents) -> Stuck:
    last = runs[-1]
    totals = [run.summary.total for run in runs if run.summary.total is not None]
    return Stuck(
        author=shown_name(last.summary.author, NAME_CHARACTERS),
        task=task,
        runs=len(runs),
        best=max((total for total in totals if math.isfinite(total)), default=None),
        run=last,
        page=contents.result_address(last.summary.mark),
    )
