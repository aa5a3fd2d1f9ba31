"""What a site shows: the runs, the boards they stand on, and the file of each page.

Every page is drawn from one of these, so that a page needs to be told nothing else than what it is
about.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.course.curriculum import Task
from grader.records import Result, Summary
from grader.records.gradebook import ClassView
from grader.results.boards import Board, BoardKey, make_boards
from grader.results.runs import Run, as_runs
from grader.text import same_name
from reports.attempts import Attempt, Neighbours, by_author, change_between, comparable, says
from reports.lessons import lesson_text

RESULTS = "results"
BOARDS = "boards"
AUTHORS = "authors"
LESSONS = "lessons"
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
NO_STAGE = "not in this curriculum"


@dataclass(frozen=True)
class Contents:
    """What a site shows. Addresses are relative to the site's folder."""

    tasks: Sequence[Task]  # the curriculum
    runs: Sequence[Run]
    boards: Sequence[Board]  # in display order
    result_files: Mapping[str, str]  # mark of a run -> name of its page
    board_files: Mapping[BoardKey, str]  # key of a board -> name of its page
    latest: bool = False  # boards show each author's newest entry, not the best
    left_out: Sequence[str] = ()  # a line about everything that could not be read
    school: ClassView | None = None  # grades by the rules of a class, where there is one
    every_board: Sequence[Board] = ()  # the boards with all runs, also where rules choose some

    @cached_property
    def tasks_by_id(self) -> dict[str, Task]:
        return {task.id: task for task in self.tasks}

    @cached_property
    def lessons(self) -> dict[str, str]:
        """The address of each task's lesson, by the task's id; a task may have none."""
        found = {}
        for task in self.tasks:
            if SAFE_NAME.fullmatch(task.id) and lesson_text(task):
                found[task.id] = f"{LESSONS}/{task.id}.html"
        return found

    def first_board(self, task_id: str) -> str:
        """Return the address of a task's first board; empty where nothing was graded."""
        boards = self.boards_by_task.get(task_id)
        return self.board_address(boards[0].key) if boards else ""

    @cached_property
    def boards_by_task(self) -> dict[str, list[Board]]:
        """The boards of each task, in display order."""
        found: dict[str, list[Board]] = {}
        for board in self.boards:
            found.setdefault(board.key.task_id, []).append(board)
        return found

    @cached_property
    def current_boards(self) -> list[Board]:
        """The boards of the exams that the curriculum has today, with all runs."""
        return [board for board in self.every_board if board.is_current]

    def result_address(self, mark: str) -> str:
        return f"{RESULTS}/{self.result_files[mark]}"

    def address_of(self, result: Result) -> str:
        """Return the address of a result's page.

        Its mark is another one where the rules of a class changed its points, or a pseudonym stands
        for its author; then task and id find it.
        """
        file = self.result_files.get(result.mark)
        return f"{RESULTS}/{file or self._files_by_id[result.task.id, result.id]}"

    @cached_property
    def _files_by_id(self) -> dict[tuple[str, str], str]:
        found = {}
        for run in self.runs:
            found[run.summary.task, run.summary.id] = self.result_files[run.summary.mark]
        return found

    @cached_property
    def runs_by_mark(self) -> dict[str, Run]:
        return {run.summary.mark: run for run in self.runs}

    @cached_property
    def attempts(self) -> dict[str, list[Summary]]:
        """Every author's attempts, oldest first."""
        return by_author(run.summary for run in self.runs)

    @cached_property
    def neighbours(self) -> dict[str, Neighbours]:
        """What stands around each attempt, by its mark."""
        found = {}
        for author, summaries in self.attempts.items():
            page = author_address(author)
            for group in comparable(summaries).values():
                for i, each in enumerate(group):
                    before = group[i - 1] if i else None
                    after = group[i + 1] if i + 1 < len(group) else None
                    found[each.mark] = Neighbours(
                        number=i + 1,
                        count=len(group),
                        before=before and self.attempt(before, i),
                        after=after and self.attempt(after, i + 2),
                        change=change_between(before, each) if before else "",
                        author_page=page,
                        before_mark=before.mark if before else "",
                    )
        return found

    def attempt(self, summary: Summary, number: int) -> Attempt:
        return Attempt(self.result_address(summary.mark), number, says(summary))

    def author_of(self, author: str) -> str:
        """Return the address of an author's page."""
        return author_address(same_name(author))

    def board_of(self, summary: Summary) -> str:
        """Return the address of the board that a run stands on.

        It is the first page where the rules of a class count no run of that board.
        """
        # By plain values: this is asked for every result, and a tier takes longer to make than all
        # the rest.
        key = (summary.task, summary.exam_version, summary.tier, summary.device)
        return self._board_addresses.get(key, "index.html")

    @cached_property
    def _board_addresses(self) -> dict[tuple[str, str, str, str], str]:
        found = {}
        for key in self.board_files:
            plain = (key.task_id, key.exam_version, key.tier.value, key.device)
            found[plain] = self.board_address(key)
        return found

    def board_address(self, key: BoardKey) -> str:
        return f"{BOARDS}/{self.board_files[key]}"

    def title_of(self, board: Board) -> str:
        """Return the title of a board's task; as its newest result has it if the task is gone."""
        task = self.tasks_by_id.get(board.key.task_id)
        return board.newest.task.title if task is None else task.spec.title

    def about_of(self, board: Board) -> str:
        task = self.tasks_by_id.get(board.key.task_id)
        return "" if task is None else task.spec.about

    def stage_of(self, board: Board) -> str:
        task = self.tasks_by_id.get(board.key.task_id)
        return NO_STAGE if task is None else task.spec.stage


def author_address(key: str) -> str:
    """Return the address of an author's page: names are hostile, so a digest stands for them."""
    return f"{AUTHORS}/{digest(key)[:16]}.html"


def gather(
    results: Sequence[Result | Run],
    tasks: Sequence[Task],
    *,
    latest: bool = False,
    left_out: Sequence[str] = (),
    on_boards: Sequence[Run] | None = None,
    school: ClassView | None = None,
) -> Contents:
    """Sort results onto boards and name every page.

    on_boards: the runs that boards show, where the rules of a class choose them; else all.
    """
    runs = as_runs(results)
    versions = {task.id: task.exam_version for task in tasks}
    shown = runs if on_boards is None else on_boards
    boards = make_boards(shown, latest=latest, current=versions)
    return Contents(
        tasks=tasks,
        runs=runs,
        boards=boards,
        result_files=name_result_pages(runs),
        board_files=name_board_pages(boards),
        latest=latest,
        left_out=left_out,
        school=school,
        every_board=boards if on_boards is None else make_boards(runs, current=versions),
    )


def name_result_pages(runs: Sequence[Run]) -> dict[str, str]:
    """Return the file name of each run's page, by the run's mark."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for run in runs:
        mark = run.summary.mark
        if mark in names:
            continue
        stem = run.summary.id
        # An id comes from a file: it must not choose a path, and two must not share one.
        if not SAFE_NAME.fullmatch(stem) or stem.lower() in taken:
            stem = mark
        taken.add(stem.lower())
        names[mark] = f"{stem}.html"
    return names


def name_board_pages(boards: Sequence[Board]) -> dict[BoardKey, str]:
    """Return the file name of each board's page.

    The first board of a task is named after the task, the others have a mark behind it.
    """
    names: dict[BoardKey, str] = {}
    seen: set[str] = set()
    for board in boards:
        key = board.key
        stem = key.task_id
        if not (stem.isascii() and stem.replace("-", "").isalnum()):
            stem = digest(stem)
        mark = digest(key.exam_version, key.tier.value, key.device)[:8]
        names[key] = f"{stem}--{mark}.html" if stem in seen else f"{stem}.html"
        seen.add(stem)
    return names


def digest(*texts: str) -> str:
    """Return 24 hexadecimal digits that differ for different lists of texts."""
    whole = "".join(f"{len(text)}:{text}" for text in texts)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]
