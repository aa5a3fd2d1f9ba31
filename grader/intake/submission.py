"""A folder, script, notebook or zip -> a Submission in a folder of our own, or a clear refusal.

The room's door: what other rooms need of the intake they import from here.
"""

from __future__ import annotations

from pathlib import Path

from grader.course.curriculum import Task
from grader.errors import SubmissionRefused, UsageError
from grader.intake.archives import (
    archive_kind,
    open_archive,
    script_of_notebook,
    unopened_kind,
)
from grader.intake.brought_along import give_box
from grader.intake.contents import (
    NOTEBOOK,
    SCRIPT_SUFFIXES,
    check_script,
    check_sizes,
    code_lines,
    hash_folder,
    main_file,
    nothing_in,
)
from grader.intake.copying import MAX_TOTAL_MIB, MIB, copy_file, copy_folder
from grader.intake.folders import unwrap
from grader.intake.names import display_name, own_name, user_name
from grader.intake.opener.member_names import renamed_note, safe_path, shown
from grader.intake.opener.refused import Refused
from grader.intake.settings import SETTINGS_FILE, read_settings, which_task
from grader.records import Submission
from grader.spelling import nearest

# Jupyter writes a notebook's cells first, after at most a few metadata.
BEGINNING_BYTES = 1 << 16
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

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
    path: Path,
    into: Path,
    *,
    task_id: str | None = None,
    author: str | None = None,
    task: Task | None = None,
) -> tuple[Submission, Task]:
    """Check what lies at `path`, copy it into the empty folder `into`, and find its task.

    task_id, author: what the person at the keyboard says; otherwise submission.toml, the name of
    the folder and the name of the user decide. task: one that is not found by an id. Raises
    UsageError if nothing lies there or no task is named, SubmissionRefused if it cannot be graded.
    """
    must_be_there(path)
    folder = into / "submission"
    folder.mkdir(parents=True)
    notes: list[str] = []
    source = bring_in(path.resolve() if path.is_symlink() else path, folder, notes)
    settings = read_settings(folder)
    task = task or which_task(path, settings, task_id)
    check_sizes(folder, task)
    file = main_file(folder, notes)
    sha256 = hash_folder(folder)
    made = ""
    notebook = ""
    if is_notebook(folder / file):
        source = "notebook" if source in ("folder", "script") else source
        made = script_made_of(folder, file, task, notes)
        notebook = file
    lines = code_lines(folder / (made or file))
    if lines == 0:
        notes.append(nothing_in(file, task))
    network = settings.get("network", "")
    submission = Submission(
        folder=folder,
        file=made or file,
        task_id=task.id,
        author=display_name(author or settings.get("author") or user_name()),
        name=display_name(settings.get("name") or own_name(path) or task.id),
        sha256=sha256,
        source=source,
        notes=tuple(notes),
        made=made,
        network=display_name(network) if network else "",
        lines=lines,
        bare=give_box(folder, into / "box", task, notebook),
    )
    return submission, task


def bring_in(path: Path, folder: Path, notes: list[str]) -> str:
    """Copy or unpack what lies at `path` into an empty folder; returns what it is.

    That is "folder", "zip" (any archive), "notebook" or "script". Raises SubmissionRefused.
    """
    if path.is_dir():
        copy_folder(path, folder, notes)
        unwrap(folder, notes)
        return "folder"
    name = own_file_name(path.name)
    if archive_kind(name):
        open_archive(path, folder, notes)
        unwrap(folder, notes)
        return "zip"
    suffix = Path(name).suffix
    if suffix not in SCRIPT_SUFFIXES:
        raise SubmissionRefused(other_kind(path, suffix))
    copy_file(path, folder / name, MAX_TOTAL_MIB * MIB)
    if name != path.name:
        notes.append(renamed_note(path.name, name))
    return "notebook" if suffix == NOTEBOOK else "script"


def own_file_name(name: str) -> str:
    """Return what a file that was handed in alone is called here. Raises SubmissionRefused."""
    try:
        return str(safe_path([name]))
    except Refused as refused:
        raise SubmissionRefused(str(refused)) from None


def other_kind(path: Path, suffix: str) -> str:
    """Return what to say about a file that is neither a script, a notebook nor an archive."""
    packed = unopened_kind(path) if path.is_file() else ""
    if packed:
        return (
            f"{shown(path.name)} is packed as {packed}, which is not opened here; pack the same "
            "files as a zip or a tar.gz"
        )
    return (
        f"{shown(path.name)} is a {suffix or 'file without a suffix'}; "
        "a submission is a folder, .py, .ipynb or .zip (or .tar.gz)"
    )


def script_made_of(folder: Path, file: str, task: Task, notes: list[str]) -> str:
    """Write a notebook's code as a script beside it and return that script's name.

    Raises SubmissionRefused.
    """
    if not file.endswith(NOTEBOOK):
        notes.append(f"{file} is a notebook, and is read as one; call it .ipynb")
    made = script_of_notebook(folder / file, notes)
    check_script(folder / made, file, task)
    return made


def is_notebook(path: Path) -> bool:
    """Whether a file is a notebook: by its name, or because a script's text is one's JSON."""
    if path.suffix == NOTEBOOK:
        return True
    with path.open("rb") as file:
        beginning = file.read(BEGINNING_BYTES).lstrip(BYTE_ORDER_MARK).lstrip()
    return beginning.startswith(b"{") and b'"cells"' in beginning


def must_be_there(path: Path) -> None:
    """Raise UsageError if nothing lies at the path that a command was given."""
    if not path.exists():
        raise UsageError(
            f"{path} does not exist{near(path)}; expected a folder with a solution.py, a script, a "
            "notebook or a zip. `grader start TASK` makes a folder"
        )


def near(path: Path) -> str:
    """Return the names of what lies beside a path that is not there and is called alike."""
    try:
        beside = [each.name for each in path.parent.iterdir() if not each.name.startswith(".")]
    except OSError:
        return ""
    found = nearest(path.name, beside)
    places = [shown(str(path.parent / name)) for name in found]
    return f" (there is {' and '.join(places)})" if places else ""
