"""What each page was made from: a short text that changes whenever it has to be made again.

A page depends on its runs (and the files beside them), on its task, on what it links to, and on the
code and templates that draw it. The last is one version for the whole site: another version, and
every page is made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from grader import measures, text
from grader.course.curriculum import Task
from grader.records import Summary
from grader.results import boards, ranking
from grader.results.boards import Board
from reports.assets import assets
from reports.contents import Contents, author_address, digest
from reports.lessons import lesson_text, pictures_stamp

MADE_FROM = ".made-from.json"
DRAWN_BY = (measures, text, boards, ranking)  # beside everything in this folder

Keys = dict[str, str]  # path of a page -> what it is made from


def page_keys(contents: Contents, stamp: Callable[[Summary], str]) -> Keys:
    """Return what each result's and each board's page is made from.

    stamp: changes when one of the files does that are kept beside a result.
    """
    tasks = {task.id: task_mark(task) for task in contents.tasks}
    keys: Keys = {}
    stamps = {run.summary.mark: stamp_of(run.summary, stamp) for run in contents.runs}
    for run in contents.runs:
        summary = run.summary
        around = contents.neighbours[summary.mark]
        task = tasks.get(summary.task, "")
        keys[contents.result_address(summary.mark)] = digest(
            stamps[summary.mark],
            contents.board_of(summary),
            task,
            contents.lessons.get(summary.task, ""),
            around.mark,
            stamps.get(around.before_mark, ""),
        )
    for board in contents.boards:
        task = tasks.get(board.key.task_id, "")
        keys[contents.board_address(board.key)] = board_key(board, contents, stamps, task)
    course = digest(*(f"{name} {mark}" for name, mark in tasks.items()))
    for author, summaries in contents.attempts.items():
        marks = [f"{each.mark} {contents.board_of(each)}" for each in summaries]
        keys[author_address(author)] = digest(course, *marks)
    return keys | lesson_keys(contents, course)


def stamp_of(summary: Summary, stamp: Callable[[Summary], str]) -> str:
    """Return what changes when a run does, or a file beside it."""
    return f"{summary.mark}{summary.stamp}{stamp(summary)} {summary.author}"


def lesson_keys(contents: Contents, course: str) -> Keys:
    """Return what each lesson's page is made from. course: changes when a task does."""
    keys = {}
    for task in contents.tasks:
        if task.id not in contents.lessons:
            continue
        keys[contents.lessons[task.id]] = digest(
            course,
            lesson_text(task),
            pictures_stamp(task),
            questions_stamp(task),
            contents.first_board(task.id),
            *contents.lessons,
        )
    return keys


def questions_stamp(task: Task) -> str:
    """Return a text that changes when the questions of a task do."""
    try:
        about = (task.folder / "questions.toml").stat()
    except OSError:
        return ""
    return f"{about.st_size} {about.st_mtime_ns}"


def task_mark(task: Task) -> str:
    return digest(task.spec.model_dump_json(), task.exam_version)


def board_key(board: Board, contents: Contents, stamps: Mapping[str, str], task: str) -> str:
    """Return what a board's page is made from: task, siblings, entries, and all its runs."""
    siblings = []
    for other in contents.boards_by_task[board.key.task_id]:
        file = contents.board_files[other.key]
        siblings.append(f"{file} {len(other.places)} {other.is_current}")
    entries = []
    for place in board.places:
        # The rules of a class change an entry's points, and nothing else of it.
        summary = place.run.summary
        entries.append(f"{stamps[summary.mark]} {summary.total}")
    graded = [stamps[run.summary.mark] for run in board.graded]
    lesson = contents.lessons.get(board.key.task_id, "")
    about = (task, lesson, str(board.is_current))
    return digest(*about, *siblings, "entries", *entries, "graded", *graded)


@cache
def version() -> str:
    """Return what changes when the code, the templates or the shared files do."""
    here = Path(__file__).resolve().parent
    sources = sorted([*here.rglob("*.py"), *here.glob("templates/*")])
    sources += [Path(module.__file__) for module in DRAWN_BY if module.__file__]
    return digest(*vars(assets()).values(), *(path.read_text("utf-8") for path in sources))


def write_keys(keys: Keys, folder: Path) -> None:
    """Write down what the pages were made from."""
    content = json.dumps({"version": version(), "pages": keys})
    (folder / MADE_FROM).write_text(content, "utf-8")


def read_keys(site: Path) -> Keys:
    """Return what each page of a site was made from.

    Nothing if another version made it, or if the list is missing or damaged.
    """
    try:
        found = json.loads((site / MADE_FROM).read_text("utf-8"))
        if found["version"] != version():
            return {}
        return {str(path): str(key) for path, key in found["pages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
