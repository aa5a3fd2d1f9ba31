"""A folder, script, notebook or zip -> a Submission in a folder of our own, refused early and
clearly.

Archives and notebooks are opened by a limited child process (`grader/opening.py`), never in this
one.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
import stat
import sys
import tomllib
import unicodedata
from pathlib import Path

from grader.course.curriculum import Task, find_task
from grader.errors import SubmissionRefused, UsageError
from grader.intake.limited_child import run_limited
from grader.records import Submission

MIB = 1 << 20
MAX_FILES = 500
MAX_FOLDERS = 500
MAX_DEPTH = 20
MAX_TOTAL_MIB = 512  # read at all, before the task's own limits are looked at; as for a zip
SAID_BYTES = 4096  # what is read of the messages of the child that opens files
MAX_NAME = 80
OPEN_SECONDS = 60
SETTINGS_FILE = "submission.toml"
MAIN_FILES = ("solution.py", "solution.ipynb", "main.py", "train.py")
IGNORED = {
    "__pycache__",
    ".git",
    ".ipynb_checkpoints",
    ".venv",
    "venv",
    "node_modules",
    ".pytest_cache",
    ".DS_Store",
    "results",
    "site",
}
DATA_FOLDERS = {"data", "datasets", "MNIST", "FashionMNIST", "cifar-10-batches-py", "aclImdb"}
WEIGHT_SUFFIXES = {
    ".pt",
    ".pth",
    ".ckpt",
    ".bin",
    ".h5",
    ".keras",
    ".safetensors",
    ".pkl",
    ".pickle",
    ".joblib",
    ".npz",
}
NOT_SHOWN = (
    "Cc",
    "Cf",
    "Cs",
    "Zl",
    "Zp",
)  # control, direction-changing, no text at all, line separators
OPENING = Path(__file__).resolve().parent / "hostile_files.py"


def open_submission(
    path: Path, into: Path, *, task_id: str | None = None, author: str | None = None
) -> tuple[Submission, Task]:
    """Check what lies at `path`, copy it into the empty folder `into`, and say which task it is
    for.
    """
    if not path.exists():
        raise UsageError(
            f"{path} does not exist; give a folder with a solution.py, a script, a notebook or a zip"
        )
    folder = into / "submission"
    folder.mkdir(parents=True)
    notes: list[str] = []
    if path.is_dir():
        source = "folder"
        copy_folder(path, folder, notes)
    elif not is_text(path.name):
        raise refused_name(path.name)
    elif path.suffix == ".zip":
        source = "zip"
        run_opener("zip", path, folder)
        lift_single_folder(folder)
    elif path.suffix == ".ipynb":
        source = "notebook"
        copy_file(path, folder / path.name, MAX_TOTAL_MIB * MIB)
    elif path.suffix == ".py":
        source = "script"
        copy_file(path, folder / path.name, MAX_TOTAL_MIB * MIB)
    else:
        raise SubmissionRefused(
            f"{path.name} is a {path.suffix or 'file without a suffix'}; a submission is a folder, .py, .ipynb or .zip"
        )
    settings = read_settings(folder)
    task = which_task(path, settings, task_id)
    check_sizes(folder, task)
    file, made = main_file(folder, path), ""
    sha256 = hash_folder(folder)
    if file.endswith(".ipynb"):
        source = "notebook" if source != "zip" else source
        made = f"{Path(file).stem}_notebook.py"
        notes += run_opener("notebook", folder / file, folder / made)
        file = made
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
        network=display_name(settings["network"]) if settings.get("network") else "",
        lines=code_lines(folder / file),
    )
    return submission, task


def code_lines(path: Path) -> int:
    """Return how many lines of a file are neither blank nor a comment alone."""
    lines = (line.strip() for line in path.read_bytes().splitlines())
    return sum(bool(line) and not line.startswith(b"#") for line in lines)


def user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "anonymous"


def own_name(path: Path) -> str:
    """Return what a submission is called on disk: a folder's whole name, a file's without its
    suffix.
    """
    return path.resolve().name if path.is_dir() else path.resolve().stem


def display_name(text: str) -> str:
    """Return a name fit for a board: normalised, on one line, without control characters, not too
    long.
    """
    normal = unicodedata.normalize("NFKC", text)
    plain = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in normal)
    return " ".join(plain.split())[:MAX_NAME] or "unnamed"


def copy_folder(source: Path, target: Path, notes: list[str]) -> None:
    """Copy regular files; links and special files are refused, caches and data folders left out.

    Files are opened through the folder that was listed, and no link is followed, so that a folder
    which changes meanwhile leads nowhere else.
    """
    count, seen, left = 0, 0, MAX_TOTAL_MIB * MIB
    for root, folders, files, descriptor in os.fwalk(source, follow_symlinks=False):
        here = Path(root)
        seen += 1
        if seen > MAX_FOLDERS or len(here.relative_to(source).parts) > MAX_DEPTH:
            raise SubmissionRefused(
                f"the folder has more than {MAX_FOLDERS} folders in it, or {MAX_DEPTH} in one another; "
                "hand in the solution alone"
            )
        for name in (*folders, *files):
            if not is_text(name):
                raise refused_name(name)
        for name in sorted(folders):
            path = here / name
            if path.is_symlink():
                raise refused_link(path.relative_to(source))
            if name in DATA_FOLDERS:
                notes.append(
                    f"left out the folder {path.relative_to(source)}: data is given by the grader"
                )
        folders[:] = sorted(
            name for name in folders if name not in IGNORED and name not in DATA_FOLDERS
        )
        for name in sorted(files):
            path = here / name
            if name in IGNORED:
                continue
            if path.is_symlink():
                raise refused_link(path.relative_to(source))
            count += 1
            if count > MAX_FILES:
                raise SubmissionRefused(
                    f"the folder has more than {MAX_FILES} files; hand in the solution alone"
                )
            left -= copy_file(
                path.relative_to(source), target / path.relative_to(source), left, descriptor
            )


def copy_file(source: Path, target: Path, most: int, folder: int | None = None) -> int:
    """Copy one regular file of at most `most` bytes; returns how many it has.

    folder: a descriptor of the folder that holds it. Then only the last part of `source` is looked
    up, there, and a link is not followed.
    """
    flags = (
        os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_NOFOLLOW if folder is not None else 0)
    )
    try:
        descriptor = os.open(source if folder is None else source.name, flags, dir_fd=folder)
    except OSError as error:
        raise SubmissionRefused(f"{source} cannot be read: {error.strerror}") from None
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(descriptor, "rb") as file, target.open("xb") as copy:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SubmissionRefused(f"{source} is not a regular file; hand in plain files only")
        if found.st_size > most:
            raise SubmissionRefused(
                f"{source} makes it more than {MAX_TOTAL_MIB} MiB; data need not be handed in"
            )
        copied = 0
        while piece := file.read(min(MIB, most + 1 - copied)):
            copied += len(piece)
            if copied > most:
                raise SubmissionRefused(
                    f"{source} grew while it was read; hand in a copy that is left alone"
                )
            copy.write(piece)
    return copied


def is_text(name: str) -> bool:
    """Whether a file's name is one line of text: a system may give any bytes, and these are shown
    to people.
    """
    return not any(unicodedata.category(char) in NOT_SHOWN for char in name)


def shown_text(text: str) -> str:
    """Return text that steers no terminal: it may hold parts of a hostile file. Line ends are
    kept.
    """
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in NOT_SHOWN else " "
        for char in text
    )


def refused_name(name: str) -> SubmissionRefused:
    return SubmissionRefused(
        f"{name[:MAX_NAME]!a} is not a name that can be shown; use letters, digits, - and _"
    )


def refused_link(path: Path) -> SubmissionRefused:
    return SubmissionRefused(
        f"{path} is a link; a submission is made of plain files. Put the file itself there."
    )


def lift_single_folder(folder: Path) -> None:
    """A zip of one folder means the folder's contents."""
    entries = [entry for entry in folder.iterdir() if entry.name != "__MACOSX"]
    if len(entries) == 1 and entries[0].is_dir():
        inner = entries[0].rename(folder.parent / "inner")
        shutil.rmtree(folder)
        inner.rename(folder)


def read_settings(folder: Path) -> dict[str, str]:
    """Return task, author and name from submission.toml, where there is one."""
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    if path.stat().st_size > 64 << 10:
        raise SubmissionRefused(
            f"{SETTINGS_FILE} is over 64 KiB; it holds task, author and name, one line each"
        )
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SubmissionRefused(
            f'{SETTINGS_FILE} is not valid TOML: {error}. Example: author = "Ada"'
        ) from None
    for key, value in found.items():
        if key not in ("task", "author", "name", "network") or not isinstance(value, str):
            raise SubmissionRefused(
                f"{SETTINGS_FILE} has {key} = {value!r}; it may hold task, author, name and network, as texts"
            )
    return found


def which_task(path: Path, settings: dict[str, str], task_id: str | None) -> Task:
    """Return the task from --task, submission.toml, the folder's name or its parent's, in that
    order.
    """
    if task_id or settings.get("task"):
        return find_task(task_id or settings["task"])
    resolved = path.resolve()
    for name in (resolved.stem if resolved.is_file() else resolved.name, resolved.parent.name):
        try:
            return find_task(name)
        except UsageError:
            continue
    raise UsageError(
        f'which task is {path} for? Say `--task ID`, or write task = "ID" into {SETTINGS_FILE}; '
        "`grader tasks` lists the ids"
    )


def check_sizes(folder: Path, task: Task) -> None:
    """Refuse what is empty, too big, or brings weights where the task allows none."""
    limits = task.spec.limits
    code, weights = 0, 0
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        raise SubmissionRefused(
            f"the submission is empty; expected a solution.py, a script or a notebook for {task.id}"
        )
    for path in files:
        size = path.stat().st_size
        if path.suffix.lower() in WEIGHT_SUFFIXES:
            if limits.weights_mib == 0:
                raise SubmissionRefused(
                    f"{path.relative_to(folder)} looks like trained weights; task {task.id!r} trains the model itself "
                    "within its budget. Leave the file out."
                )
            weights += size
        else:
            code += size
    if weights > limits.weights_mib * MIB:
        raise SubmissionRefused(
            f"{weights / MIB:.1f} MiB of weights; task {task.id!r} allows {limits.weights_mib:g} MiB"
        )
    if code > limits.submission_mib * MIB:
        biggest = max(files, key=lambda path: path.stat().st_size)
        raise SubmissionRefused(
            f"{code / MIB:.1f} MiB of files; task {task.id!r} allows {limits.submission_mib:g} MiB. "
            f"The biggest is {biggest.relative_to(folder)}; data need not be handed in."
        )


def main_file(folder: Path, origin: Path) -> str:
    """Return the file to run: the one given, solution.py, or the only script or notebook
    there is.
    """
    if origin.is_file() and origin.suffix != ".zip":
        return origin.name
    for name in MAIN_FILES:
        if (folder / name).is_file():
            return name
    scripts = sorted(path.name for path in folder.iterdir() if path.suffix in (".py", ".ipynb"))
    if len(scripts) == 1:
        return scripts[0]
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:8])
    if not scripts:
        raise SubmissionRefused(
            f"no solution found: there is {found}; expected solution.py, or one script or notebook"
        )
    raise SubmissionRefused(
        f"which file is the solution? There is {', '.join(scripts[:8])}; call it solution.py, or give the file itself"
    )


def hash_folder(folder: Path) -> str:
    """Return the SHA-256 of all files: names and contents, in name order."""
    total = hashlib.sha256()
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        total.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def must_be_there(path: Path) -> None:
    """Raise UsageError where a command that does not open a submission is given a path to
    nothing.
    """
    if not path.exists():
        raise UsageError(
            f"{path} is not there; give a solution folder, script or notebook. `grader start` makes one."
        )


def run_opener(kind: str, source: Path, target: Path) -> list[str]:
    """Open a hostile file in a limited child; its complaint becomes ours. Returns the notes it
    printed.
    """
    command = [
        sys.executable,
        "-I",
        "-B",
        str(OPENING),
        kind,
        str(source.resolve()),
        str(target.resolve()),
    ]
    done = run_limited(command, OPEN_SECONDS, SAID_BYTES)
    if done is None:
        raise SubmissionRefused(
            f"{source.name} took more than {OPEN_SECONDS} s to open; hand in plain files"
        )
    code, printed = done
    said = shown_text(printed.decode("utf-8", "replace"))
    if code == 0:
        return [line for line in said.split("\n") if line]
    reason = (
        said.strip() if code == 2 and said.strip() else "it could not be opened within the limits"
    )
    raise SubmissionRefused(f"{source.name}: {reason}")
