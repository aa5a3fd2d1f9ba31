"""The class on one page: who has done what, what needs a person first, who is stuck, and how the
scores lie.

Only current exams count. Tiers and devices are never mixed: each has a table of its own.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.course.curriculum import Task
from grader.records import Result, Status, Summary
from grader.results.boards import TIERS, Board
from grader.results.runs import Run
from reports import display
from reports.display import plot_text, shown_name
from reports.figures.board import Plot
from reports.pages.board import Column, Figure
from reports.pages.page import render

STUCK_RUNS = 3
MOST_LISTED = 50
PLAIN_ROWS = 50
COLOURS = {  # after M. Okabe and K. Ito, told apart in every common colour blindness
    Status.GRADER_ERROR: "#555b63",
    Status.ACCEPTED: "#009e73",
    Status.BELOW_TARGET: "#e69f00",
    Status.TIME_LIMIT_EXCEEDED: "#56b4e9",
    Status.MEMORY_LIMIT_EXCEEDED: "#0072b2",
    Status.RUNTIME_ERROR: "#d55e00",
    Status.INVALID_SUBMISSION: "#b8860b",
    Status.FLAGGED: "#cc79a7",
}


@dataclass(frozen=True)
class Matrix:
    """Tasks by learners, of one tier and device: rows of cells as a board page has them."""

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


def class_page(tasks: Sequence[Task], boards: Sequence[Board], pages: Mapping[str, str]) -> str:
    """Return the HTML page; `pages` is what `page.page_names` returned for the results on the
    boards.
    """
    current = [board for board in boards if board.is_current] or list(boards)
    titles = titles_of(tasks, current)
    matrices = matrices_of(titles, current, pages)
    looked_at = attention(current)
    stuck = who_is_stuck(current, titles, pages)
    made = [
        plot
        for plot in (distribution(titles, current), breakdown(titles, current))
        if plot is not None
    ]
    return render(
        "class.html",
        here="class.html",
        has_tables=bool(matrices),
        has_plots=bool(made),
        matrices=matrices,
        plain_rows=PLAIN_ROWS,
        attention=[
            (run.result, titles[run.summary.task], pages[run.summary.mark])
            for run in looked_at[:MOST_LISTED]
        ],
        more_attention=len(looked_at) - MOST_LISTED,
        stuck=stuck[:MOST_LISTED],
        more_stuck=len(stuck) - MOST_LISTED,
        stuck_runs=STUCK_RUNS,
        authors=len(
            {display.same_name(run.summary.author) for board in current for run in board.graded}
        ),
        figures=[
            Figure(f"plot-{number}", plot, plot.figure) for number, plot in enumerate(made, start=1)
        ],
    )


def titles_of(tasks: Sequence[Task], boards: Sequence[Board]) -> dict[str, str]:
    """Return task id -> title for the tasks that have a board, in the order of the course."""
    present = {board.key.task_id: board.newest.task.title for board in boards}
    ordered = {task.id: task.spec.title for task in tasks if task.id in present}
    return ordered | {
        task_id: title for task_id, title in present.items() if task_id not in ordered
    }


def matrices_of(
    titles: Mapping[str, str], boards: Sequence[Board], pages: Mapping[str, str]
) -> list[Matrix]:
    """Return one matrix a tier and device, those with most accepted tasks first."""
    matrices: list[Matrix] = []
    for tier, device in sorted(
        {(TIERS.index(board.key.tier), board.key.device) for board in boards}
    ):
        chosen = {
            b.key.task_id: b
            for b in boards
            if (TIERS.index(b.key.tier), b.key.device) == (tier, device)
        }
        columns = [task_id for task_id in titles if task_id in chosen]
        names: dict[str, str] = {}
        found: dict[str, dict[str, list[Any]]] = defaultdict(dict)
        for task_id in columns:
            for place in chosen[task_id].places:
                summary = place.run.summary
                author = display.same_name(summary.author)
                names.setdefault(author, shown_name(summary.author, 40))
                found[author][task_id] = cell(summary, pages)
        rows: list[list[Any]] = [
            [names[author], [str(done), done], *(theirs.get(task_id) for task_id in columns)]
            for author, theirs in found.items()
            for done in [sum(each[3] == Status.ACCEPTED.value for each in theirs.values())]
        ]
        rows.sort(key=lambda row: (-row[1][1], row[0].casefold()))
        heads = [
            Column("author", "Author", "author"),
            Column("accepted", "Accepted", "figure", greatest_first=True),
        ]
        heads += [
            Column("task", shown_name(titles[task_id], 40), "cell", greatest_first=True)
            for task_id in columns
        ]
        matrices.append(
            Matrix(f"class-{len(matrices) + 1}", TIERS[tier].value, device, heads, rows)
        )
    return matrices


def cell(summary: Summary, pages: Mapping[str, str]) -> list[Any]:
    """Return a cell of the matrix: text, points to sort by, address, verdict, its symbol and
    word.
    """
    word = display.VERDICTS[Status(summary.status)]
    points = display.points(summary.total) if summary.total is not None else display.DASH
    address = f"results/{pages[summary.mark]}"
    return [points, display.finite(summary.total), address, summary.status, word.symbol, word.text]


def attention(boards: Sequence[Board]) -> list[Run]:
    """Return what a person should look at: the grader's own trouble, then what is flagged; newest
    first.
    """
    wanted = [Status.GRADER_ERROR.value, Status.FLAGGED.value]
    runs = [
        place.run
        for board in boards
        for place in board.places
        if place.run.summary.status in wanted
    ]
    return sorted(runs, key=lambda run: (wanted.index(run.summary.status), -run.summary.created))


def who_is_stuck(
    boards: Sequence[Board], titles: Mapping[str, str], pages: Mapping[str, str]
) -> list[Stuck]:
    """Return who ran a task often without being accepted, those with most runs first."""
    stuck = []
    for board in boards:
        runs: dict[str, list[Run]] = defaultdict(list)
        for run in board.graded:
            runs[display.same_name(run.summary.author)].append(run)
        for theirs in runs.values():
            if len(theirs) < STUCK_RUNS or any(
                run.summary.status == Status.ACCEPTED for run in theirs
            ):
                continue
            scores = [
                total
                for run in theirs
                if (total := run.summary.total) is not None and math.isfinite(total)
            ]
            last = theirs[-1]
            name, page = shown_name(last.summary.author, 40), pages[last.summary.mark]
            stuck.append(
                Stuck(
                    name,
                    titles[board.key.task_id],
                    len(theirs),
                    max(scores, default=None),
                    last,
                    page,
                )
            )
    return sorted(stuck, key=lambda each: (-each.runs, each.author.casefold()))


def distribution(titles: Mapping[str, str], boards: Sequence[Board]) -> Plot | None:
    """Return how the scores of each task lie; None without a score."""
    scores: dict[str, list[float]] = {task_id: [] for task_id in titles}
    for board in boards:
        for place in board.places:
            total = place.run.summary.total
            if total is not None and math.isfinite(total):
                scores[board.key.task_id].append(total)
    shown = {task_id: values for task_id, values in scores.items() if values}
    if not shown:
        return None
    data = [
        {
            "type": "box",
            "x": [round(value, 1) for value in values],
            "y": [place] * len(values),
            "orientation": "h",
            "name": plot_text(shown_name(titles[task_id], 24)),
            "boxpoints": "all" if len(values) <= 40 else "outliers",
            "jitter": 0.5,
            "pointpos": 0,
            "line": {"color": "#3b7ddd", "width": 1.5},
            "marker": {"color": "#3b7ddd", "size": 4, "opacity": 0.6},
            "hoverinfo": "x",
            "showlegend": False,
        }
        for place, (task_id, values) in enumerate(shown.items())
    ]
    ticks = [
        plot_text(f"{shown_name(titles[task_id], 24)} ({len(values)})")
        for task_id, values in shown.items()
    ]
    layout = {
        "height": max(240, 90 + 38 * len(shown)),
        "xaxis": {"title": {"text": "Score"}, "range": [-2, 103]},
        "yaxis": {
            "tickvals": list(range(len(shown))),
            "ticktext": ticks,
            "autorange": "reversed",
            "zeroline": False,
        },
    }
    return Plot(
        "Scores by task",
        "Each author's entry. A box holds the middle half.",
        {"data": data, "layout": layout},
    )


def breakdown(titles: Mapping[str, str], boards: Sequence[Board]) -> Plot | None:
    """Return the verdicts of each task's entries as stacked bars; None without an entry."""
    counts = {task_id: Counter[Status]() for task_id in titles}
    for board in boards:
        counts[board.key.task_id].update(Status(place.run.summary.status) for place in board.places)
    if not any(counts.values()):
        return None
    places = list(range(len(counts)))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": f"{display.VERDICTS[status].symbol} {display.VERDICTS[status].text}",
            "x": [count[status] for count in counts.values()],
            "y": places,
            "marker": {"color": colour},
            "hovertemplate": f"{display.VERDICTS[status].text}: %{{x}}<extra></extra>",
        }
        for status, colour in COLOURS.items()
        if any(count[status] for count in counts.values())
    ]
    layout = {
        "height": max(260, 130 + 30 * len(counts)),
        "barmode": "stack",
        "bargap": 0.3,
        "xaxis": {"title": {"text": "Entries"}, "rangemode": "tozero"},
        "yaxis": {
            "tickvals": places,
            "ticktext": [plot_text(shown_name(title, 24)) for title in titles.values()],
            "autorange": "reversed",
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
    }
    return Plot(
        "Verdicts by task",
        "The entry of each author that stands on the board.",
        {"data": data, "layout": layout},
    )
