"""Results -> a folder of pages: the leaderboard, the course, and one page a result.

The pages are made beside the site and moved into it one by one, the leaderboard last: whatever ends this half-way,
every page is whole and every link leads somewhere.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from grader.curriculum import Task, all_tasks
from grader.errors import UsageError
from grader.records import Result, Status
from reports import display
from reports.curriculum_page import curriculum_page
from reports.figures import Plot, plots
from reports.leaderboard import (
    RANK_RULE,
    Board,
    Entry,
    make_boards,
    metric_key,
    total,
)
from reports.page import GENERATOR, TEMPLATES, fingerprint, page_names, render
from reports.result_page import result_page

INDEX, CURRICULUM, RESULTS = "index.html", "curriculum.html", "results"
FIGURE_COLUMNS = (
    # key, whether the first click on the heading shows the greatest value first
    ("train_seconds", False),
    ("peak_memory_bytes", False),
    ("latency_seconds", False),
    ("throughput_per_second", True),
    ("speed_ratio", True),
    ("memory_ratio", True),
)


@dataclass(frozen=True)
class Cell:
    """One field of a table. `sort` is compared when the column is sorted; empty sorts last."""

    text: str
    sort: str = ""
    small: str = ""  # a second line: an interval
    is_noisy: bool = False


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    key: str
    title: str
    is_number: bool = True
    greatest_first: bool = False
    about: str = ""


@dataclass(frozen=True)
class Row:
    """One entry of a table."""

    entry: Entry
    page: str
    cells: dict[str, Cell]
    bars: list[tuple[str, float, float]]  # part of the score, start, width; in percent


@dataclass(frozen=True)
class BoardView:
    """A board as the page needs it."""

    id: str
    board: Board
    columns: list[Column]
    rows: list[Row]
    plots: list[tuple[Plot, dict[str, Any]]]
    machines: list[tuple[str, str, int]]  # letter, description, entries


@dataclass(frozen=True)
class Section:
    """A task with all its boards."""

    id: str
    title: str
    about: str
    stage: str
    boards: list[BoardView]


def no_log(result: Result) -> str:
    """The log of a result whose log nobody gave."""
    return ""


def build(
    results: Sequence[Result],
    destination: Path,
    *,
    latest: bool = False,
    tasks: Sequence[Task] | None = None,
    read_log: Callable[[Result], str] = no_log,
) -> Path:
    """Write the site and return the path of its index.html.

    latest: boards show each author's newest entry, not the best.
    tasks: the curriculum; the installed one where it is not given.
    read_log: what a submission printed, for its result's page.
    """
    if destination.exists() and not destination.is_dir():
        raise UsageError(f"{destination} is a file; give a folder for the pages, or a path that does not exist")
    tasks = all_tasks() if tasks is None else tasks
    pages = page_names(results)
    boards = make_boards(results, latest=latest, current={task.id: task.exam_version for task in tasks})
    destination.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=f".{destination.name}-") as temporary:
        made = Path(temporary)
        (made / RESULTS).mkdir()
        for result in results:
            name = pages[fingerprint(result)]
            (made / RESULTS / name).write_text(result_page(result, read_log(result)), "utf-8")
        (made / CURRICULUM).write_text(curriculum_page(tasks, boards, pages), "utf-8")
        (made / INDEX).write_text(index_page(results, boards, tasks, pages, latest=latest), "utf-8")
        swap_in(made, destination)
    return destination / INDEX


def swap_in(made: Path, destination: Path) -> None:
    """Move pages into the site, those that are linked to before those that link; drop pages nothing links to."""
    (destination / RESULTS).mkdir(exist_ok=True)
    kept = set()
    for page in sorted((made / RESULTS).iterdir()):
        os.replace(page, destination / RESULTS / page.name)
        kept.add(page.name)
    for name in (CURRICULUM, INDEX):
        os.replace(made / name, destination / name)
    for page in (destination / RESULTS).glob("*.html"):
        # The folder may hold files of somebody else; only pages made here may go.
        if page.name not in kept and page.is_file() and f'content="{GENERATOR}"' in _head(page):
            page.unlink()


def _head(page: Path) -> str:
    with page.open("rb") as file:
        return file.read(1000).decode("utf-8", "replace")


def index_page(
    results: Sequence[Result],
    boards: Sequence[Board],
    tasks: Sequence[Task],
    pages: dict[str, str],
    *,
    latest: bool = False,
) -> str:
    """Return the HTML of the whole leaderboard."""
    by_id = {task.id: task for task in tasks}
    sections = [
        _section(task_id, list(group), by_id.get(task_id), pages)
        for task_id, group in groupby(boards, lambda board: board.key.task_id)
    ]
    drawn = any(view.plots for section in sections for view in section.boards)
    graded = [result for result in results if result.verdict.status is not Status.GRADER_ERROR]
    own = (TEMPLATES / "script.js").read_text("utf-8")
    newest: datetime | None = max(map(display.moment, results), default=None)
    return render(
        "index.html",
        # Plotly is most of the page's size; a page without a plot does without it.
        scripts=[get_plotlyjs(), own] if drawn else [own],
        loose_styles=True,
        sections=sections,
        authors=len({display.same_name(result.submission.author) for result in results}),
        graded=len(graded),
        troubles=len(results) - len(graded),
        newest=newest,
        latest=latest,
        rank_rule=RANK_RULE,
        has_curriculum=bool(tasks),
    )


def _section(task_id: str, boards: Sequence[Board], task: Task | None, pages: dict[str, str]) -> Section:
    place = f"task-{task_id}"
    views = [_view(f"{place}-{number}", board, pages) for number, board in enumerate(boards, start=1)]
    if task is None:
        return Section(place, boards[0].newest.task.title, "", "not in this curriculum", views)
    return Section(place, task.spec.title, task.spec.about, task.spec.stage, views)


def _view(place: str, board: Board, pages: dict[str, str]) -> BoardView:
    letters = {machine.id: _letter(number) for number, machine in enumerate(board.machines)}
    columns = _columns(board, several_machines=len(letters) > 1)
    rows = [_row(entry, columns, letters, pages) for entry in board.entries]
    used = [c for c in columns if any(row.cells[c.key].text or row.cells[c.key].sort for row in rows)]
    counts = [entry.result.machine.id for entry in board.entries]
    machines = [
        (letters[machine.id], display.machine_text(machine), counts.count(machine.id)) for machine in board.machines
    ]
    drawn = [(plot, json.loads(plot.figure.to_json())) for plot in plots(board)]
    return BoardView(place, board, used, rows, drawn, machines)


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def _columns(board: Board, *, several_machines: bool) -> list[Column]:
    """Return all columns a board may have; those without a value are left out afterwards."""
    metric = metric_key(board.newest)
    columns = [
        Column("rank", "Rank"),
        Column("author", "Author", is_number=False),
        Column("entry", "Entry", is_number=False),
        Column("score", "Score", greatest_first=True, about="of 100 points"),
        Column("verdict", "Verdict", is_number=False),
        Column("metric", display.measure_name(metric), greatest_first=True),
    ]
    for key, greatest_first in FIGURE_COLUMNS:
        about = "times par; more is better" if key == "speed_ratio" else ""
        about = "par's memory over the entry's; more is better" if key == "memory_ratio" else about
        columns.append(Column(key, display.measure_name(key), greatest_first=greatest_first, about=about))
    columns.append(Column("tier", "Tier", is_number=False))
    if several_machines:
        columns.append(Column("machine", "Machine", is_number=False))
    return [*columns, Column("date", "Date", greatest_first=True)]


def _row(entry: Entry, columns: Sequence[Column], letters: dict[str, str], pages: dict[str, str]) -> Row:
    result = entry.result
    author = display.shown_name(result.submission.author)
    name = display.shown_name(result.submission.name, missing="(untitled)")
    place = "" if entry.rank is None else f"{entry.rank}{'=' if entry.shared else ''}"
    made = display.moment(result)
    cells = {
        "rank": Cell(place or display.DASH, str(entry.rank or "")),
        "author": Cell(author, author.casefold()),
        "entry": Cell(name, name.casefold()),
        "score": Cell(display.points(result.score.total), repr(total(result))) if result.score else Cell(display.DASH),
        "verdict": Cell(display.VERDICTS[result.verdict.status].text, _verdict_place(result)),
        "metric": _figure(result, metric_key(result)),
        "tier": Cell(result.tier.value, result.tier.value),
        "machine": Cell(letters[result.machine.id], letters[result.machine.id]),
        "date": Cell(made.strftime("%Y-%m-%d"), repr(made.timestamp())),
    }
    for key, _ in FIGURE_COLUMNS:
        cells[key] = _figure(result, key)
    return Row(entry, f"{RESULTS}/{pages[fingerprint(result)]}", {c.key: cells[c.key] for c in columns}, _bars(result))


def _verdict_place(result: Result) -> str:
    return str(list(Status).index(result.verdict.status))


def _figure(result: Result, key: str) -> Cell:
    """Return a measurement with its interval; an empty cell where it was not measured."""
    measured = result.measurements.get(key)
    if measured is None:
        return Cell("")
    passed = sum(group.passed for group in result.cases)
    cases = sum(group.cases for group in result.cases)
    if key == "cases" and cases:
        return Cell(f"{passed} of {cases}", repr(measured.value))
    spread = display.range_text(key, measured) if display.has_interval(measured) else ""
    return Cell(display.value_text(key, measured), repr(measured.value), spread, measured.noisy)


def _bars(result: Result) -> list[tuple[str, float, float]]:
    """Return the parts of the score as pieces of one bar of 100."""
    if result.score is None:
        return []
    pieces, start = [], 0.0
    for part in ("accuracy", "speed", "memory"):
        width = max(0.0, min(getattr(result.score, part), 100.0 - start))
        if width > 0:
            pieces.append((part, round(start, 2), round(width, 2)))
            start += width
    return pieces
