"""`%%grade TASK` for one cell, and `%grader ...` for the whole notebook or for any command."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import nbformat
from nbformat import v4

from grader.course.curriculum import all_tasks, find_task
from grader.errors import GraderError, SubmissionRefused, UsageError
from grader.grading.pipeline import check_device, grade
from grader.host.machine import CPU
from grader.host.ownership import temporary_folder
from grader.intake.contents import main_file
from grader.intake.submission import SETTINGS_FILE, open_submission, read_settings
from grader.notebook.gathered import gather
from grader.notebook.ran import SUFFIX, History, check_saved, file_of, raw_cells
from grader.notebook.shown import CellProgress, Graded, complain, graded, say
from grader.results import store
from grader.results.board_view import boards_view
from grader.results.boards import make_boards
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose
from grader.sandbox.leftovers import remove_leftovers

RESULTS = Path("results")
NAME = "notebook"  # of what is handed in, where the front end tells no file
FUNCTIONS = "functions"
USAGE = (
    "%grader run [TASK or FILE] grades this notebook, %grader board [TASK] shows a board, and "
    "%grader followed by any other words is that command"
)


class Words(argparse.ArgumentParser):
    """Reads the words behind a magic; a wrong one is a UsageError and ends no kernel."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. {self.format_usage().strip()}")


def words_of(magic: str, what: str) -> Words:
    """Return what a magic that grades may be followed by. what: its first word, for the usage."""
    words = Words(prog=magic, add_help=False)
    words.add_argument("what", nargs="?", default="", metavar=what)
    words.add_argument("--task", "-t", default="")
    words.add_argument("--device", default=CPU)
    words.add_argument("--sandbox", default="auto")
    words.add_argument("--author", default=None)
    words.add_argument("--results", type=Path, default=RESULTS)
    words.add_argument("--data", type=Path, default=None)
    return words


@dataclass
class Magics:
    """The magics of one kernel."""

    shell: Any  # IPython's InteractiveShell
    history: History = field(default_factory=History)

    def cell(self, line: str, cell: str) -> Any:
        """`%%grade TASK`: run the cell if it only defines functions, and grade it in a box."""
        return told(lambda: self.grade_cell(line, cell))

    def line(self, line: str) -> Any:
        """`%grader WORDS`: grade the notebook, show a board, or run a command."""
        return told(lambda: self.do(split(line)))

    def do(self, words: Sequence[str]) -> Any:
        """Do what the words behind %grader say."""
        if not words:
            raise UsageError(USAGE)
        if words[0] == "run":
            return self.grade_notebook(words[1:])
        if words[0] == "board" and len(words) < 3:
            return board(words[1:])
        return run_command(words)

    def grade_cell(self, line: str, cell: str) -> Graded | None:
        """Grade one cell, with what it needs of earlier ones."""
        given = words_of("%%grade", "TASK").parse_args(split(line))
        task_id = given.task or given.what
        if not task_id:
            raise UsageError(
                "which task is this cell for? Write %%grade TASK; %grader tasks lists them"
            )
        task = find_task(task_id)
        if task.spec.exam == FUNCTIONS and not self.shell.run_cell(cell).success:
            raise UsageError(
                "the cell ended with the error above, so it was not graded; mend it and run again"
            )
        gathered = gather([*raw_cells(self.shell)[:-1], f"\n{cell}"])
        if gathered.names:
            say(f"taken along from earlier cells: {', '.join(gathered.names)}")
        with temporary_folder(NAME) as folder:
            path = write_notebook(gathered.cells, folder)
            return grade_path(path, task.id, given)

    def grade_notebook(self, words: Sequence[str]) -> Graded:
        """Grade the file of this notebook, or the cells that ran where there is none."""
        given = words_of("%grader run", "[TASK or FILE]").parse_args(list(words))
        named = Path(given.what)
        if given.what and named.exists():
            return grade_path(named, given.task or None, given)
        task_id = given.task or given.what
        if task_id:
            find_task(task_id)  # UsageError with the nearest id
        path = file_of(self.shell)
        if path is not None:
            check_saved(path, raw_cells(self.shell)[-1])
            return grade_saved(path, task_id, given)
        task_id = task_id or task_of_folder(Path.cwd())
        if not task_id:
            raise UsageError("which task is this notebook for? Write %grader run TASK")
        say("this front end doesn't tell which file it shows: the cells that ran are graded")
        with temporary_folder(NAME) as folder:
            cells = [*self.history.cells(), raw_cells(self.shell)[-1]]
            return grade_path(write_notebook(cells, folder), task_id, given)


def told(doing: Callable[[], Any]) -> Any:
    """Return what came out; what keeps it from that is a message and no traceback."""
    try:
        return doing()
    except GraderError as error:
        complain(str(error))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        complain(f"the operating system refused: {error.strerror or error}{where}")
    return None


def split(line: str) -> list[str]:
    """Return the words of a line as a shell has them. Raises UsageError."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"cannot read {line!r}: {error}") from None


def write_notebook(cells: Sequence[str], folder: Path) -> Path:
    """Write cells as a notebook into a folder and return its path."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    path = folder / f"{NAME}{SUFFIX}"
    path.write_text(nbformat.writes(notebook), "utf-8")
    return path


def grade_saved(path: Path, task_id: str, given: argparse.Namespace) -> Graded:
    """Grade a saved notebook, with the files beside it where submission.toml makes it a folder."""
    say(f"{path.name} is graded as it is saved")
    beside = read_settings(path.parent)
    given.author = given.author or beside.get("author")
    task_id = task_id or beside.get("task", "") or task_of_name(path)
    if not task_id:
        raise UsageError(
            f'which task is {path.name} for? Write %grader run TASK, or task = "ID" into '
            f"{SETTINGS_FILE} beside it"
        )
    whole = path.parent if beside and is_main_file(path) else path
    return grade_path(whole, task_id, given)


def is_main_file(path: Path) -> bool:
    """Whether a notebook is what would be run of its folder."""
    try:
        return main_file(path.parent, []) == path.name
    except SubmissionRefused:
        return False


def task_of_name(path: Path) -> str:
    """Return the task that a notebook or its folder is called after; empty if it is none."""
    known = {task.id for task in all_tasks()}
    return path.stem if path.stem in known else task_of_folder(path.parent)


def task_of_folder(folder: Path) -> str:
    """Return the task that a folder's settings or its name say; empty if they say none."""
    said = read_settings(folder).get("task", "")
    name = folder.resolve().name
    return said or (name if name in {task.id for task in all_tasks()} else "")


def grade_path(path: Path, task_id: str | None, given: argparse.Namespace) -> Graded:
    """Grade what lies at a path, as `grader run` does."""
    remove_leftovers()
    with temporary_folder("run") as scratch:
        submission, task = open_submission(path, scratch, task_id=task_id, author=given.author)
        check_device(task, given.device)
        device = choose(given.device)
        sandbox = choose_sandbox(given.sandbox, task.spec.exam, gpu=device != CPU)
        progress = CellProgress()
        try:
            result = grade(
                submission,
                task,
                sandbox,
                given.results,
                device=device,
                data_folder=given.data or data_folder(),
                progress=progress,
            )
        finally:
            progress.close()
    return graded(result, task, given.results)


def data_folder() -> Path | None:
    """Return the folder with the data sets that the kernel's environment names, if any."""

    named = os.environ.get("GRADER_DATA")
    return Path(named) if named else None


def board(words: Sequence[str]) -> Any:
    """Return the boards of a task, or of all, for a front end to show."""
    task_id = words[0] if words else None
    if task_id is not None:
        find_task(task_id)
    found, broken = store.load_results(RESULTS, task_id)
    for each in broken:
        say(f"left out: {each}")
    if not found:
        say(f"no results in {RESULTS.resolve()} yet; %grader run makes one")
        return None
    current = {task.id: task.exam_version for task in all_tasks()}
    return boards_view(make_boards(found, current=current))


def run_command(words: Sequence[str]) -> None:
    """Run a command as in a terminal, and show what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    print(done.stdout, end="", flush=True)


def load(shell: Any) -> None:
    """Give a kernel the magics, and note from now on which cells it runs."""
    magics = Magics(shell)
    magics.history.take_over(raw_cells(shell)[:-1])
    shell.events.register("post_run_cell", magics.history.note)
    shell.register_magic_function(magics.cell, magic_kind="cell", magic_name="grade")
    shell.register_magic_function(magics.line, magic_kind="line", magic_name="grader")
