"""Copies what was handed in into a folder of ours, so that nothing else is reached through it.

A folder may change while it is read: a file becomes a link to the labels, a folder becomes another
one, a file grows without end. So each file is opened through the folder that was listed (its
descriptor, not its path), no link is followed, a pipe is not waited for, and a copy ends at the
size that was allowed, whatever the file said about itself before.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grader.errors import SubmissionRefused
from grader.intake.names import is_plain_name, refused_name

MIB = 1 << 20
MAX_FILES = 500
MAX_FOLDERS = 500
MAX_DEPTH = 20
# Read at all, before the task's own limits are looked at; as much as a zip may hold.
MAX_TOTAL_MIB = 512
IGNORED = {
    ".DS_Store",
    ".git",
    ".ipynb_checkpoints",
    ".pytest_cache",
    ".venv",
    "__pycache__",
    "node_modules",
    "results",
    "site",
    "venv",
}
DATA_FOLDERS = {"data", "datasets", "MNIST", "FashionMNIST", "cifar-10-batches-py", "aclImdb"}


def copy_folder(source: Path, target: Path, notes: list[str]) -> None:
    """Copy the regular files of a folder, without caches and data folders.

    notes: gets a line for each data folder that is left out. Raises SubmissionRefused for links,
    special files, names that cannot be shown, and too many or too large files.
    """
    files_seen = 0
    folders_seen = 0
    left = MAX_TOTAL_MIB * MIB
    for root, folders, files, descriptor in os.fwalk(source, follow_symlinks=False):
        here = Path(root).relative_to(source)
        folders_seen += 1
        if folders_seen > MAX_FOLDERS or len(here.parts) > MAX_DEPTH:
            raise SubmissionRefused(
                f"the folder has more than {MAX_FOLDERS} folders in it, or folders nested more "
                f"than {MAX_DEPTH} deep; hand in only the solution"
            )
        refuse_hidden_names([*folders, *files])
        folders[:] = folders_to_copy(source, here, folders, notes)
        for name in sorted(files):
            if name in IGNORED:
                continue
            refuse_link(source, here / name)
            files_seen += 1
            if files_seen > MAX_FILES:
                raise SubmissionRefused(
                    f"the folder has more than {MAX_FILES} files; hand in only the solution"
                )
            left -= copy_file(here / name, target / here / name, left, descriptor)


def folders_to_copy(source: Path, here: Path, folders: list[str], notes: list[str]) -> list[str]:
    """Return the folders to look into, in order. Raises SubmissionRefused for links."""
    kept = []
    for name in sorted(folders):
        refuse_link(source, here / name)
        if name in DATA_FOLDERS:
            notes.append(f"left out the folder {here / name}: the grader provides the data")
        elif name not in IGNORED:
            kept.append(name)
    return kept


def refuse_hidden_names(names: list[str]) -> None:
    """Raise SubmissionRefused for a name with hidden characters."""
    for name in names:
        if not is_plain_name(name):
            raise refused_name(name)


def refuse_link(source: Path, path: Path) -> None:
    """Raise SubmissionRefused if the path below `source` is a link."""
    if (source / path).is_symlink():
        raise SubmissionRefused(
            f"{path} is a link; a submission consists of plain files. Put the file itself there."
        )


def copy_file(source: Path, target: Path, most: int, folder: int | None = None) -> int:
    """Copy one regular file of at most `most` bytes; returns how many it has.

    folder: a descriptor of the folder that holds it. Then only the last part of `source` is looked
    up, there, and a link is not followed. Raises SubmissionRefused.
    """
    descriptor = open_file(source, folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(descriptor, "rb") as file, target.open("xb") as copy:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SubmissionRefused(f"{source} is not a regular file; hand in plain files only")
        if found.st_size > most:
            raise SubmissionRefused(
                f"with {source} the submission is larger than {MAX_TOTAL_MIB} MiB; there is no "
                "need to hand in data"
            )
        copied = 0
        while piece := file.read(min(MIB, most + 1 - copied)):
            copied += len(piece)
            if copied > most:
                raise SubmissionRefused(
                    f"{source} grew while it was being read; hand in a copy that nothing is "
                    "writing to"
                )
            copy.write(piece)
    return copied


def open_file(source: Path, folder: int | None) -> int:
    """Return a descriptor of a file, without waiting for a pipe. Raises SubmissionRefused."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        if folder is None:
            return os.open(source, flags)
        return os.open(source.name, flags | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        raise SubmissionRefused(f"{source} cannot be read: {error.strerror}") from None
