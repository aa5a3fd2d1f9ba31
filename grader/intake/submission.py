"""A folder, script, notebook or zip -> a Submission in a folder of our own, or a clear refusal.

The room's door: what other rooms need of the intake they import from here.
"""

from __future__ import annotations

from pathlib import Path

from grader.course.curriculum import Task
from grader.errors import SubmissionRefused, UsageError
from grader.intake.archives import open_zip, script_of_notebook
from grader.intake.contents import check_sizes, code_lines, hash_folder, main_file
from grader.intake.copying import MAX_TOTAL_MIB, MIB, copy_file, copy_folder
from grader.intake.names import display_name, is_plain_name, own_name, refused_name, user_name
from grader.intake.settings import SETTINGS_FILE, read_settings, which_task
from grader.records import Submission

__all__ = [
    "SETTINGS_FILE",
    "display_name",
    "hash_folder",
    "must_be_there",
    "open_submission",
    "read_settings",
    "which_task",
]


def open_submission(
    path: Path, into: Path, *, task_id: str | None = None, author: str | None = None
) -> tuple[Submission, Task]:
    """Check what lies at `path`, copy it into the empty folder `into`, and find its task.

    task_id, author: what the person at the keyboard says; otherwise submission.toml, the name of
    the folder and the name of the user decide. Raises UsageError if nothing lies there or no task
    is named, SubmissionRefused if it cannot be graded.
    """
    if not path.exists():
        raise UsageError(
            f"{path} does not exist; give a folder with a solution.py, a script, a notebook or "
            "a zip"
        )
    folder = into / "submission"
    folder.mkdir(parents=True)
    notes: list[str] = []
    source = bring_in(path, folder, notes)
    settings = read_settings(folder)
    task = which_task(path, settings, task_id)
    check_sizes(folder, task)
    file = main_file(folder, path)
    sha256 = hash_folder(folder)
    made = ""
    if file.endswith(".ipynb"):
        if source != "zip":
            source = "notebook"
        made = script_of_notebook(folder / file, notes)
        file = made
    network = settings.get("network", "")
    submission = Submission(
        folder=folder,
        file=file,
        task_id=task.id,
        author=display_name(author or settings.get("author") or user_name()),
        name=display_name(settings.get("name") or own_name(path) or task.id),
        sha256=sha256,
        source=source,
        notes=tuple(notes),
        made=made,
        network=display_name(network) if network else "",
        lines=code_lines(folder / file),
    )
    return submission, task


def bring_in(path: Path, folder: Path, notes: list[str]) -> str:
    """Copy or unpack what lies at `path` into an empty folder; returns what it is.

    That is "folder", "zip", "notebook" or "script". Raises SubmissionRefused.
    """
    if path.is_dir():
        copy_folder(path, folder, notes)
        return "folder"
    if not is_plain_name(path.name):
        raise refused_name(path.name)
    if path.suffix == ".zip":
        open_zip(path, folder)
        return "zip"
    if path.suffix not in (".py", ".ipynb"):
        raise SubmissionRefused(
            f"{path.name} is a {path.suffix or 'file without a suffix'}; "
            "a submission is a folder, .py, .ipynb or .zip"
        )
    copy_file(path, folder / path.name, MAX_TOTAL_MIB * MIB)
    return "notebook" if path.suffix == ".ipynb" else "script"


def must_be_there(path: Path) -> None:
    """Raise UsageError if nothing lies at the path that a command was given."""
    if not path.exists():
        raise UsageError(
            f"{path} does not exist; give a solution folder, script or notebook. `grader start` "
            "makes one."
        )
