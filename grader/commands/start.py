"""`grader start`: a folder with the task's lesson and a solution to complete."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.course.curriculum import Task
from grader.errors import UsageError
from grader.intake.submission import SETTINGS_FILE

NOTEBOOK_SOURCE = "notebook.py"  # in starter/: what `--notebook` is made of
PICTURE_SUFFIXES = (".png", ".svg")


def start_task(task: Task, folder: Path, *, notebook: bool = False) -> str:
    """Make the folder and return the name of the file to complete."""
    if folder.exists():
        raise UsageError(
            f"{folder} is there already and stays as it is; give another folder: grader start {task.id} FOLDER"
        )
    source = task.starter
    if notebook:
        name = "solution.ipynb"
        content = starter_notebook(task)
    try:
        folder.mkdir(parents=True)
        for path in [task.folder / "README.md", *lesson_pictures(task)]:
            shutil.copyfile(path, folder / path.name)
        (folder / SETTINGS_FILE).write_text(f'task = "{task.id}"\n')
        if notebook:
            (folder / name).write_text(content, "utf-8")
            return name
        for path in sorted(path for path in source.rglob("*.py") if path.name != NOTEBOOK_SOURCE):
            copy = folder / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}") from None
    return "solution.py"


def lesson_pictures(task: Task) -> list[Path]:
    """Return the pictures that lie beside the lesson and belong to it."""
    return sorted(path for path in task.folder.iterdir() if path.suffix in PICTURE_SUFFIXES)


def starter_notebook(task: Task) -> str:
    """Return the starter as a notebook: the lesson's title, then the starter's code in one cell."""
    import nbformat
    from nbformat import v4

    script = task.starter / NOTEBOOK_SOURCE
    code = (script if script.is_file() else task.starter / "solution.py").read_text("utf-8")
    cells = [
        v4.new_markdown_cell(
            f"# {task.spec.title}\n\n{task.spec.about} The lesson is in README.md beside this notebook."
        ),
        *(v4.new_code_cell(part.strip("\n")) for part in code.split("# %%\n") if part.strip()),
        v4.new_markdown_cell("Save, then: `grader check .` and `grader run .`"),
    ]
    notebook = v4.new_notebook(cells=cells)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return str(nbformat.writes(notebook))
