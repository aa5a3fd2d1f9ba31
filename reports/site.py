"""Results -> a folder of pages: the first page, a board a task, the course, the class, frameworks,
and a page a result.

Only pages whose content can have changed are made again: beside the site lies a list of what each
page was made from. New pages are made in a folder of their own and moved in one by one, those that
are linked to before those that link: whatever ends this half-way, every page is whole and every
link leads somewhere.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

from grader.course.curriculum import Task, all_tasks
from grader.errors import UsageError
from grader.records import Details, Result, Summary
from grader.results.boards import Board, BoardKey, make_boards
from grader.results.runs import Run, as_runs
from reports.assets import assets, remove_old_assets, write_assets
from reports.pages.board import BOARDS, board_page, board_pages
from reports.pages.class_overview import class_page
from reports.pages.curriculum import curriculum_page
from reports.pages.frameworks import framework_page
from reports.pages.front import front_page
from reports.pages.page import GENERATOR, digest, page_names
from reports.pages.result import Beside, result_page

INDEX, RESULTS = "index.html", "results"
MADE_FROM = ".made-from.json"
OVERVIEWS = (
    "curriculum.html",
    "class.html",
    "frameworks.html",
    INDEX,
)  # always made again; the first page last
ENOUGH_FOR_PROCESSES = 400  # pages: below, a second process takes longer to start than it saves
CHUNK = 100
MOST_PROCESSES = 8


def nothing(result: Result) -> str:
    """What is beside a result that nobody gave anything for."""
    return ""


def no_stamp(summary: Summary) -> str:
    return ""


def no_details(result: Result) -> Details | str | None:
    return None


@dataclass(frozen=True)
class Kept:
    """Where a result's page finds what is kept beside it. Functions that can be sent to another
    process.
    """

    log: Callable[[Result], str] = nothing
    # a text says why they cannot be read
    details: Callable[[Result], Details | str | None] = no_details
    stamp: Callable[[Summary], str] = no_stamp  # changes when one of the others does
    hint: Callable[[Result], str] = nothing  # the task's own hint for this outcome


@dataclass(frozen=True)
class Wanted:
    """The page that a run is to have."""

    run: Run
    path: str
    board: str
    stamp: str  # changes when something does that the page shows of the run


@dataclass(frozen=True)
class Order:
    """One result's page to be made: in another process perhaps, so all of it is here."""

    result: Result
    path: str
    board: str


def build(
    results: Sequence[Result | Run],
    destination: Path,
    *,
    latest: bool = False,
    tasks: Sequence[Task] | None = None,
    kept: Kept | None = None,
    left_out: Sequence[str] = (),
) -> Path:
    """Write the site and return the path of its index.html.

    latest: boards show each author's newest entry, not the best.
    tasks: the curriculum; the installed one where it is not given.
    left_out: a line for everything that could not be read, for the first page.
    """
    if destination.exists() and not destination.is_dir():
        raise UsageError(
            f"{destination} is a file; give a folder for the pages, or a path that does not exist"
        )
    tasks = all_tasks() if tasks is None else tasks
    kept = kept or Kept()
    runs = as_runs(results)
    pages = page_names(runs)
    boards = make_boards(
        runs, latest=latest, current={task.id: task.exam_version for task in tasks}
    )
    names = board_pages(boards)
    marks = {task.id: digest(task.spec.model_dump_json(), task.exam_version) for task in tasks}
    by_board = {
        (key.task_id, key.exam_version, key.tier.value, key.device): name
        for key, name in names.items()
    }
    wanted = {
        each.mark: Wanted(
            run,
            f"{RESULTS}/{pages[each.mark]}",
            f"../{BOARDS}/{by_board[each.task, each.exam_version, each.tier, each.device]}",
            f"{each.mark}{each.stamp}{kept.stamp(each)}",
        )
        for run in runs
        for each in [run.summary]
    }
    keys = {
        page.path: digest(page.stamp, page.board, marks.get(page.run.summary.task, ""))
        for page in wanted.values()
    }
    siblings = {
        task_id: list(group) for task_id, group in groupby(boards, lambda board: board.key.task_id)
    }
    keys |= {
        f"{BOARDS}/{names[board.key]}": board_mark(board, siblings, names, marks, wanted)
        for board in boards
    }
    destination.mkdir(parents=True, exist_ok=True)
    before = made_from(destination)
    there = pages_in(destination)
    stale = {path for path, key in keys.items() if before.get(path) != key or path not in there}
    with tempfile.TemporaryDirectory(
        dir=destination.parent, prefix=f".{destination.name}-"
    ) as temporary:
        made = Path(temporary)
        for folder in (RESULTS, BOARDS):
            (made / folder).mkdir()
            (destination / folder).mkdir(exist_ok=True)
        write_assets(destination)
        orders = [
            Order(page.run.result, page.path, page.board)
            for page in wanted.values()
            if page.path in stale
        ]
        make_result_pages(orders, made, kept)
        by_id = {task.id: task for task in tasks}
        for board in boards:
            task_id, path = board.key.task_id, f"{BOARDS}/{names[board.key]}"
            if path in stale:
                page = board_page(board, siblings[task_id], names, by_id.get(task_id), pages)
                write(made / path, page)
        write(made / "curriculum.html", curriculum_page(tasks, boards, names))
        write(made / "class.html", class_page(tasks, boards, pages))
        write(made / "frameworks.html", framework_page(tasks, boards, pages))
        page = front_page(runs, boards, tasks, names, pages, latest=latest, left_out=left_out)
        write(made / INDEX, page)
        write(made / MADE_FROM, json.dumps({"version": version(), "pages": keys}))
        swap_in(made, destination, stale, keys.keys())
    remove_old_assets(destination)
    return destination / INDEX


def board_mark(
    board: Board,
    siblings: Mapping[str, Sequence[Board]],
    names: Mapping[BoardKey, str],
    marks: Mapping[str, str],
    wanted: Mapping[str, Wanted],
) -> str:
    """Return what changes whenever a board's page must be made again."""
    others = [
        f"{names[other.key]} {len(other.places)} {other.is_current}"
        for other in siblings[board.key.task_id]
    ]
    shown = [wanted[place.run.summary.mark].stamp for place in board.places]
    graded = [wanted[run.summary.mark].stamp for run in board.graded]
    return digest(
        marks.get(board.key.task_id, ""),
        str(board.is_current),
        *others,
        "entries",
        *shown,
        "graded",
        *graded,
    )


def make_result_pages(orders: Sequence[Order], into: Path, kept: Kept) -> None:
    """Make the pages of results, in several processes where there are many."""
    processes = min(
        MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    )
    if len(orders) < ENOUGH_FOR_PROCESSES or processes < 2:
        make_some(orders, into, kept)
        return
    # A fresh interpreter each: one that is copied from this process would copy its threads' locks
    # with it.
    parts = [orders[start : start + CHUNK] for start in range(0, len(orders), CHUNK)]
    try:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for done in [pool.submit(make_some, part, into, kept) for part in parts]:
                done.result()
    except (
        BrokenProcessPool
    ):  # where no process can be started from: an interactive session, a small container
        make_some(orders, into, kept)


def make_some(orders: Sequence[Order], into: Path, kept: Kept) -> None:
    """Write the pages of some results."""
    for order in orders:
        details = kept.details(order.result)
        beside = Beside(
            log=kept.log(order.result),
            details=None if isinstance(details, str) else details,
            problem=f"{details}: its pictures and curves are left out."
            if isinstance(details, str)
            else "",
            hint=kept.hint(order.result),
            board=order.board,
        )
        write(into / order.path, result_page(order.result, beside))


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))


@cache
def version() -> str:
    """Return what changes when the code, the templates or the shared files do."""
    here = Path(__file__).resolve().parent
    sources = sorted([*here.rglob("*.py"), *here.glob("templates/*")])
    return digest(*vars(assets()).values(), *(path.read_text("utf-8") for path in sources))


def made_from(site: Path) -> dict[str, str]:
    """Return what each page of a site was made from; nothing if another version made it, or the
    list is damaged.
    """
    try:
        found = json.loads((site / MADE_FROM).read_text("utf-8"))
        pages = found["pages"] if found["version"] == version() else {}
        return {str(path): str(key) for path, key in pages.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def pages_in(site: Path) -> set[str]:
    """Return the paths of the files in the folders for results and boards."""
    found: set[str] = set()
    for folder in (RESULTS, BOARDS):
        if (site / folder).is_dir():
            found |= {
                f"{folder}/{entry.name}" for entry in os.scandir(site / folder) if entry.is_file()
            }
    return found


def swap_in(made: Path, destination: Path, stale: set[str], wanted: Set[str]) -> None:
    """Move new pages into the site, those that are linked to before those that link; drop pages
    nothing links to.
    """
    # The list goes first and comes last: a site that is half new is made again as a whole.
    (destination / MADE_FROM).unlink(missing_ok=True)
    for path in sorted(stale, key=lambda path: (not path.startswith(RESULTS), path)):
        os.replace(made / path, destination / path)
    for name in OVERVIEWS:
        os.replace(made / name, destination / name)
    for folder in (RESULTS, BOARDS):
        for page in os.scandir(destination / folder):
            # The folder may hold files of somebody else; only pages made here may go.
            if (
                page.name.endswith(".html")
                and f"{folder}/{page.name}" not in wanted
                and is_ours(Path(page.path))
            ):
                os.unlink(page.path)
    os.replace(made / MADE_FROM, destination / MADE_FROM)


def is_ours(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as file:
        return f'content="{GENERATOR}"' in file.read(1000).decode("utf-8", "replace")
