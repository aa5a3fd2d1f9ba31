"""Makes the pages that are out of date: of results, boards, authors and lessons, in some processes.

A page takes a millisecond and a store may hold ten thousand, so many pages are shared out. Where
this process has one thread, the others are copies of it (fork): everything that was read is there
already, and no lock can be copied that another thread holds. Otherwise they are fresh interpreters,
which are sent what they need. Boards go first, because each is as long as hundreds of results.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence, Set
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from pathlib import Path

from grader.course.curriculum import Task
from grader.results.boards import Board
from grader.results.runs import Run
from reports.contents import Contents, author_address
from reports.for_programs import board_file, json_beside
from reports.kept import Kept
from reports.pages.author import author_page
from reports.pages.board import board_page
from reports.pages.lesson import lesson_page
from reports.pages.page import environment
from reports.pages.result import Beside, result_page

ENOUGH_FOR_PROCESSES = 400  # pages: below, a second process takes longer to start than it saves
CHUNK = 100
MOST_PROCESSES = 8
TEMPLATES = ("result.html", "board.html", "author.html", "lesson.html")
THREADS = "/proc/self/task"  # an entry for each thread of this process, also those of libraries


@dataclass(frozen=True)
class Pages:
    """Every page of a site that is about one thing, by its path below the site's folder."""

    contents: Contents
    into: Path
    kept: Kept

    @cached_property
    def results(self) -> dict[str, Run]:
        found: dict[str, Run] = {}
        for run in self.contents.runs:
            found[self.contents.result_address(run.summary.mark)] = run
        return found

    @cached_property
    def boards(self) -> dict[str, Board]:
        return {self.contents.board_address(board.key): board for board in self.contents.boards}

    @cached_property
    def authors(self) -> dict[str, str]:
        return {author_address(author): author for author in self.contents.attempts}

    @cached_property
    def lessons(self) -> dict[str, Task]:
        lessons = self.contents.lessons
        return {lessons[task.id]: task for task in self.contents.tasks if task.id in lessons}

    def parts(self, stale: Set[str]) -> list[list[str]]:
        """Return the paths of pages to be made in parts, the longest pages first."""
        parts = [[path] for path in self.boards if path in stale]
        for kind in (self.lessons, self.authors, self.results):
            paths = [path for path in kind if path in stale]
            parts += [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
        return parts

    def make(self, paths: Sequence[str]) -> None:
        """Write some pages, and the JSON beside them."""
        for path in paths:
            self.make_one(path)

    def make_one(self, path: str) -> None:
        if path in self.results:
            return self.make_result(path)
        if path in self.boards:
            return self.make_board(path)
        if path in self.authors:
            return self.write(path, author_page(self.authors[path], self.contents))
        task = self.lessons[path]
        return self.write(path, lesson_page(task, self.contents, self.kept.questions(task)))

    def make_result(self, path: str) -> None:
        run = self.results[path]
        self.write(path, result_page(run.result, self.beside(run, path)))
        self.write(json_beside(path), run.result.model_dump_json(indent=1))

    def make_board(self, path: str) -> None:
        board = self.boards[path]
        self.write(path, board_page(board, self.contents))
        self.write(json_beside(path), board_file(board, self.contents))

    def beside(self, run: Run, path: str) -> Beside:
        """Read what is kept beside a result, and say what its page links to."""
        contents = self.contents
        around = contents.neighbours[run.summary.mark]
        before = contents.runs_by_mark.get(around.before_mark)
        lesson = contents.lessons.get(run.summary.task, "")
        details = self.kept.details(run.result)
        beside = Beside(
            log=self.kept.log(run.result),
            hint=self.kept.hint(run.result),
            board=f"../{contents.board_of(run.summary)}",
            around=around,
            before=None if before is None else before.result,
            raw=Path(json_beside(path)).name,
            lesson=lesson and f"../{lesson}",
        )
        if isinstance(details, str):
            return replace(beside, problem=f"{details}: its pictures and curves are left out.")
        return replace(beside, details=details)

    def write(self, path: str, text: str) -> None:
        write(self.into / path, text)


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))


@contextmanager
def made(pages: Pages, stale: Set[str]) -> Iterator[None]:
    """Make every page that is out of date; all are there when this is left.

    What stands inside runs meanwhile, where there are other processes.
    """
    processes = min(MOST_PROCESSES, usable_cores())
    parts = pages.parts(stale)
    if len(stale) < ENOUGH_FOR_PROCESSES or processes < 2:
        for part in parts:
            pages.make(part)
        yield
        return
    for name in TEMPLATES:
        environment().get_template(name)  # compiled once, for all copies of this process
    with ProcessPoolExecutor(
        processes, mp_context=way_to_begin(), initializer=begin, initargs=(pages,)
    ) as pool:
        started = submit(pool, parts)
        yield
        if not all_done(started):
            # No process can be started from some places: an interactive session, a small container.
            for part in parts:
                pages.make(part)


def submit(pool: ProcessPoolExecutor, parts: Sequence[Sequence[str]]) -> list[Future[None]]:
    """Give every part to the pool; none if its processes can't be started."""
    try:
        return [pool.submit(make_part, part) for part in parts]
    except BrokenProcessPool:
        return []


def all_done(started: Sequence[Future[None]]) -> bool:
    """Wait for all parts; False if the processes could not be started, or were killed."""
    try:
        for part in started:
            part.result()
    except BrokenProcessPool:
        return False
    return bool(started)


def way_to_begin() -> BaseContext:
    """Return how other processes begin: as copies where nothing but this thread is running."""
    return get_context("fork" if has_one_thread() else "spawn")


def has_one_thread() -> bool:
    try:
        return len(os.listdir(THREADS)) == 1
    except OSError:
        return False


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


# In the other processes.

_pages: list[Pages] = []


def begin(pages: Pages) -> None:
    """Keep what a process needs, and let the collector leave alone what it was given."""
    _pages[:] = [pages]
    gc.freeze()
    gc.enable()


def make_part(paths: Sequence[str]) -> None:
    _pages[0].make(paths)
