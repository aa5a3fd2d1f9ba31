"""`grader start`: Make a folder with a task's lesson and a solution to complete."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from grader.commands.parts.console import say
from grader.course.curriculum import Task, find_task
from grader.errors import UsageError
from grader.intake.submission import SETTINGS_FILE
from grader.tutor.questions import load_questions

HELP_PLACE = ("Learn", 2)
NOTEBOOK_SOURCE = "notebook.py"  # in starter/: what `--notebook` is made of
CELL_MARK = "# %%\n"
PICTURE_SUFFIXES = (".png", ".svg")


def start(
    task: Annotated[str, typer.Argument(help="Id of a task; `grader tasks` lists them.")],
    into: Annotated[
        Path | None, typer.Argument(help="Folder to create (default: the task's id).")
    ] = None,
    notebook: Annotated[
        bool, typer.Option("--notebook", help="Start with a notebook instead of solution.py.")
    ] = False,
) -> None:
    """Make a folder with the task's lesson and a solution to complete."""
    found = find_task(task)
    folder = into or Path(found.id)
    file = start_task(found, folder, notebook=notebook)
    say(f"created {folder}/. Read README.md, then complete {file}: until you do, it scores low.")
    say(f"next: grader check {folder}, then grader run {folder}")
    if load_questions(found):
        say(f"if you like, make a guess before you begin: grader ask {found.id}")


def start_task(task: Task, folder: Path, *, notebook: bool = False) -> str:
    """Make the folder and return the name of the file to complete."""
    if folder.exists():
        raise UsageError(
            f"{folder} already exists and was left as it is. Name another folder: grader start "
            f"{task.id} FOLDER"
        )
    # Made before the folder is, so that a broken starter leaves nothing behind.
    content = starter_notebook(task) if notebook else ""
    try:
        folder.mkdir(parents=True)
        for path in [task.folder / "README.md", *lesson_pictures(task)]:
            shutil.copyfile(path, folder / path.name)
        (folder / SETTINGS_FILE).write_text(f'task = "{task.id}"\n')
        if notebook:
            (folder / "solution.ipynb").write_text(content, "utf-8")
            return "solution.ipynb"
        copy_starter(task.starter, folder)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}") from None
    return "solution.py"


def copy_starter(starter: Path, folder: Path) -> None:
    """Copy the starter's files, but for the source of its notebook."""
    for path in sorted(starter.rglob("*.py")):
        if path.name == NOTEBOOK_SOURCE:
            continue
        copy = folder / path.relative_to(starter)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def lesson_pictures(task: Task) -> list[Path]:
    """Return the pictures that lie beside the lesson and belong to it."""
    return sorted(path for path in task.folder.iterdir() if path.suffix in PICTURE_SUFFIXES)


def starter_notebook(task: Task) -> str:
    """Return the starter as a notebook: the lesson's title, then the starter's code in cells."""
    import nbformat
    from nbformat import v4

    source = task.starter / NOTEBOOK_SOURCE
    if not source.is_file():
        source = task.starter / "solution.py"
    title = f"# {task.spec.title}\n\n{task.spec.about}"
    cells = [v4.new_markdown_cell(f"{title} The lesson is in README.md beside this notebook.")]
    for part in source.read_text("utf-8").split(CELL_MARK):
        if part.strip():
            cells.append(v4.new_code_cell(part.strip("\n")))
    cells.append(v4.new_markdown_cell("Save, then: `grader check .` and `grader run .`"))
    notebook = v4.new_notebook(cells=cells)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return str(nbformat.writes(notebook))
