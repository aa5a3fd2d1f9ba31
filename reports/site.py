"""Results -> a folder of pages: the first page, boards, the course, the class, results.

Only pages whose content can have changed are made again; see `page_keys`. `python -m benchmarks
site` measures how long that takes after one more run, and how long the whole site takes.

New pages are made in a folder of their own and moved in one by one, those that are linked to before
those that link. Whatever ends this half-way, every page is whole and every link leads somewhere.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from grader.course.curriculum import Task, all_tasks
from grader.errors import UsageError
from grader.records import Details, Result, Summary
from grader.records.gradebook import ClassView
from grader.results.runs import Run
from reports.assets import remove_old_assets, write_assets
from reports.attempts import Neighbours
from reports.contents import Contents, author_address, gather
from reports.for_programs import (
    BADGES,
    FEED_FILE,
    RESULTS_FILE,
    SCHEMAS,
    badges,
    board_file,
    feed,
    json_beside,
    results_file,
    schemas,
)
from reports.page_keys import page_keys, write_keys
from reports.pages.author import author_page
from reports.pages.board import board_page
from reports.pages.class_overview import class_page
from reports.pages.curriculum import curriculum_page
from reports.pages.frameworks import framework_page
from reports.pages.front import front_page
from reports.pages.lesson import Question, lesson_page
from reports.pages.page import CLASS, CURRICULUM, FRAMEWORKS, FRONT
from reports.pages.result import Beside, result_page
from reports.site_folder import prepare, stale_pages, swap_in

# About all results, so always made again. The first page links to the others and comes last.
OVERVIEWS: dict[str, Callable[[Contents], str]] = {
    CURRICULUM: curriculum_page,
    CLASS: class_page,
    FRAMEWORKS: framework_page,
    FRONT: front_page,
}
ENOUGH_FOR_PROCESSES = 400  # pages: below, a second process takes longer to start than it saves
CHUNK = 100
MOST_PROCESSES = 8


def nothing(result: Result) -> str:
    """What is beside a result that nobody gave anything for."""
    return ""


def no_questions(task: Task) -> Sequence[Question]:
    return ()


def no_stamp(summary: Summary) -> str:
    return ""


def no_details(result: Result) -> Details | str | None:
    return None


@dataclass(frozen=True)
class Kept:
    """Where a result's page finds what is kept beside it.

    Functions that can be sent to another process.
    """

    log: Callable[[Result], str] = nothing
    # A text says why they cannot be read.
    details: Callable[[Result], Details | str | None] = no_details
    stamp: Callable[[Summary], str] = no_stamp  # changes when one of the others does
    hint: Callable[[Result], str] = nothing  # the task's own hint for this outcome
    questions: Callable[[Task], Sequence[Question]] = no_questions  # that go with a lesson


@dataclass(frozen=True)
class Order:
    """One result's page to be made: in another process perhaps, so all of it is here."""

    result: Result
    path: str
    board: str  # the address of its board, from its page
    around: Neighbours  # the author's attempts before and after
    before: Result | None = None  # the attempt before
    lesson: str = ""  # the address of its lesson, from its page; empty without one


def build(
    results: Sequence[Result | Run],
    destination: Path,
    *,
    latest: bool = False,
    tasks: Sequence[Task] | None = None,
    kept: Kept | None = None,
    left_out: Sequence[str] = (),
    on_boards: Sequence[Run] | None = None,
    school: ClassView | None = None,
) -> Path:
    """Write the site and return the path of its index.html.

    latest: boards show each author's newest entry, not the best.
    tasks: the curriculum; the installed one if it is not given.
    left_out: a line about everything that could not be read, for the first page.
    on_boards: the runs that boards show, where the rules of a class choose them; else all.
    school: grades by the rules of a class.

    Raises UsageError if the destination is a file.
    """
    must_be_a_folder(destination)
    kept = kept or Kept()
    contents = gather(
        results,
        all_tasks() if tasks is None else tasks,
        latest=latest,
        left_out=left_out,
        on_boards=on_boards,
        school=school,
    )
    keys = page_keys(contents, kept.stamp)
    prepare(destination)
    stale = stale_pages(keys, destination)
    # Beside the destination and not in the system's temporary folder: a page can only be renamed
    # within one file system.
    with tempfile.TemporaryDirectory(
        dir=destination.parent, prefix=f".{destination.name}-"
    ) as folder:
        made = Path(folder)
        prepare(made)
        write_assets(destination)
        make_stale_pages(contents, stale, made, kept)
        for name, page_of in OVERVIEWS.items():
            write(made / name, page_of(contents))
        write_for_programs(contents, destination)
        write_keys(keys, made)
        swap_in(made, destination, stale, list(OVERVIEWS), keys.keys())
    remove_old_assets(destination)
    return destination / FRONT


def must_be_a_folder(destination: Path) -> None:
    """Raise UsageError if a file lies where the pages are to be written."""
    if destination.exists() and not destination.is_dir():
        raise UsageError(
            f"{destination} is a file; give a folder for the pages, or a path that does not exist"
        )


def make_stale_pages(contents: Contents, stale: Set[str], into: Path, kept: Kept) -> None:
    """Write every page of a result, a board, an author or a lesson that is out of date."""
    make_result_pages(orders_of(contents, stale), into, kept)
    make_board_pages(contents, stale, into)
    make_author_pages(contents, stale, into)
    make_lesson_pages(contents, stale, into, kept)


def make_board_pages(contents: Contents, stale: Set[str], into: Path) -> None:
    """Write the pages of boards that are out of date."""
    for board in contents.boards:
        path = contents.board_address(board.key)
        if path in stale:
            write(into / path, board_page(board, contents))
            write(into / json_beside(path), board_file(board, contents))


def make_author_pages(contents: Contents, stale: Set[str], into: Path) -> None:
    """Write the pages of authors that are out of date."""
    for author in contents.attempts:
        path = author_address(author)
        if path in stale:
            write(into / path, author_page(author, contents))


def make_lesson_pages(contents: Contents, stale: Set[str], into: Path, kept: Kept) -> None:
    """Write the lessons that are out of date."""
    for task in contents.tasks:
        path = contents.lessons.get(task.id, "")
        if path in stale:
            write(into / path, lesson_page(task, contents, kept.questions(task)))


def write_for_programs(contents: Contents, site: Path) -> None:
    """Write what programs read about all results: the list, the feed, badges, schemas."""
    files = {RESULTS_FILE: results_file(contents), FEED_FILE: feed(contents)}
    files |= {f"{BADGES}/{name}": text for name, text in badges(contents).items()}
    files |= {f"{SCHEMAS}/{name}": text for name, text in schemas().items()}
    for name, text in files.items():
        target = site / name
        target.parent.mkdir(exist_ok=True)
        half = target.with_name(f".{target.name}-{os.getpid()}")
        write(half, text)
        half.replace(target)


def orders_of(contents: Contents, stale: Set[str]) -> list[Order]:
    """Return the pages of results that are out of date, one for each mark."""
    orders: dict[str, Order] = {}
    for run in contents.runs:
        path = contents.result_address(run.summary.mark)
        if path in stale:
            board = f"../{contents.board_of(run.summary)}"
            around = contents.neighbours[run.summary.mark]
            before = contents.runs_by_mark.get(around.before_mark)
            lesson = contents.lessons.get(run.summary.task, "")
            orders[path] = Order(
                run.result,
                path,
                board,
                around,
                before=None if before is None else before.result,
                lesson=lesson and f"../{lesson}",
            )
    return list(orders.values())


def make_result_pages(orders: Sequence[Order], into: Path, kept: Kept) -> None:
    """Write the pages of results, in several processes if there are many."""
    processes = min(MOST_PROCESSES, usable_cores())
    if len(orders) < ENOUGH_FOR_PROCESSES or processes < 2:
        make_some(orders, into, kept)
        return
    parts = [orders[start : start + CHUNK] for start in range(0, len(orders), CHUNK)]
    # A fresh interpreter for each: a copy of this process would copy its threads' locks with it.
    fresh = get_context("spawn")
    try:
        with ProcessPoolExecutor(processes, mp_context=fresh) as pool:
            for done in [pool.submit(make_some, part, into, kept) for part in parts]:
                done.result()
    except BrokenProcessPool:
        # No process can be started from some places: an interactive session, a small container.
        make_some(orders, into, kept)


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def make_some(orders: Sequence[Order], into: Path, kept: Kept) -> None:
    """Write the pages of some results."""
    for order in orders:
        beside = beside_of(order, kept)
        write(into / order.path, result_page(order.result, beside))
        write(into / json_beside(order.path), order.result.model_dump_json(indent=1))


def beside_of(order: Order, kept: Kept) -> Beside:
    """Read what is kept beside a result."""
    log = kept.log(order.result)
    hint = kept.hint(order.result)
    details = kept.details(order.result)
    raw = Path(json_beside(order.path)).name
    beside = Beside(
        log=log,
        hint=hint,
        board=order.board,
        around=order.around,
        before=order.before,
        raw=raw,
        lesson=order.lesson,
    )
    if isinstance(details, str):
        return replace(beside, problem=f"{details}: its pictures and curves are left out.")
    return replace(beside, details=details)


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))
