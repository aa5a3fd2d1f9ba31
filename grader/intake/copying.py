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
from typing import IO

from grader.errors import SubmissionRefused
from grader.intake.opener.member_names import (
    ENVIRONMENT_FILE,
    MAX_DEPTH,
    Omission,
    is_data_folder,
    is_left_out,
    notes_on,
    omission,
    parts_of,
    renamed_note,
    safe_name,
    safe_path,
    shown,
)
from grader.intake.opener.refused import Refused

MIB = 1 << 20
MAX_FILES = 500
MAX_FOLDERS = 500
# Read at all, before the task's own limits are looked at; as much as an archive may hold.
MAX_TOTAL_MIB = 512


def copy_folder(source: Path, target: Path, notes: list[str]) -> None:
    """Copy the regular files of a folder that belong to a solution (opener/member_names.py).

    notes: gets a line for what is left out or called otherwise. Raises SubmissionRefused for links,
    special files, names that trick their reader, and too many or too large files.
    """
    try:
        FolderCopy(source, target).copy(notes)
    except Refused as refused:
        raise SubmissionRefused(str(refused)) from None


class FolderCopy:
    """One copy of a folder: what has been copied, and what was left out."""

    def __init__(self, source: Path, target: Path) -> None:
        self.source = source
        self.around = folders_around_all(source)
        self.target = target
        self.files = 0
        self.folders = 0
        self.left = MAX_TOTAL_MIB * MIB
        self.omissions: list[Omission] = []
        self.renamed: list[str] = []

    def copy(self, notes: list[str]) -> None:
        """Copy everything below the source."""
        for root, folders, files, descriptor in os.fwalk(self.source, follow_symlinks=False):
            here = Path(root).relative_to(self.source)
            self.folders += 1
            if self.folders > MAX_FOLDERS or len(here.parts) > MAX_DEPTH:
                raise SubmissionRefused(
                    f"the folder has more than {MAX_FOLDERS} folders in it, or folders nested more "
                    f"than {MAX_DEPTH} deep; hand in only the solution"
                )
            if here.parts and ENVIRONMENT_FILE in files:
                self.omissions.append(Omission(here.as_posix()))
                folders.clear()
                continue
            folders[:] = self.folders_to_copy(here, folders)
            for name in sorted(files):
                self.copy_one(here / name, descriptor)
        notes += [*self.renamed, *notes_on(self.omissions)]

    def folders_to_copy(self, here: Path, folders: list[str]) -> list[str]:
        """Return the folders to look into, in order. Raises SubmissionRefused for links."""
        kept = []
        for name in sorted(folders):
            path = here / name
            is_around = len(here.parts) < self.around
            if is_left_out(name) and not is_around:
                self.omissions.append(Omission(path.as_posix()))
                continue
            safe_name(name)
            is_data = is_data_folder(name) and not is_around
            if is_data:
                self.omissions.append(Omission(path.as_posix(), is_data=True))
            if is_data and (self.source / path).is_symlink():
                continue
            refuse_link(self.source, path)
            # A data folder is looked into for its own Python files alone.
            if not is_data_folder(here.name) or len(here.parts) <= self.around:
                kept.append(name)
        return kept

    def copy_one(self, path: Path, folder: int) -> None:
        """Copy one file of a folder with this descriptor, if it belongs to a solution."""
        parts = parts_of(path.as_posix(), "folder")
        left_out = omission(parts, around=self.around)
        if left_out is not None:
            self.omissions.append(left_out)
            return
        safe = Path(safe_path(parts))
        refuse_link(self.source, path)
        self.files += 1
        if self.files > MAX_FILES:
            raise SubmissionRefused(
                f"the folder has more than {MAX_FILES} files; hand in only the solution"
            )
        if safe != path:
            self.renamed.append(renamed_note(path.as_posix(), safe.as_posix()))
        self.left -= copy_file(path, self.target / safe, self.left, folder)


def folders_around_all(source: Path) -> int:
    """Return how many folders, one in the other, are around everything that a folder holds."""
    here = source
    for depth in range(MAX_DEPTH):
        entries = [each for each in here.iterdir() if not each.name.startswith((".", "__"))]
        if len(entries) != 1 or entries[0].is_symlink() or not entries[0].is_dir():
            return depth
        here = entries[0]
    return MAX_DEPTH


def refuse_link(source: Path, path: Path) -> None:
    """Raise SubmissionRefused if the path below `source` is a link."""
    if (source / path).is_symlink():
        raise SubmissionRefused(
            f"{shown(str(path))} is a link; a submission consists of plain files. Put the file "
            "itself there."
        )


def copy_file(source: Path, target: Path, most: int, folder: int | None = None) -> int:
    """Copy one regular file of at most `most` bytes; returns how many it has.

    folder: a descriptor of the folder that holds it. Then only the last part of `source` is looked
    up, there, and a link is not followed. Raises SubmissionRefused.
    """
    descriptor = open_file(source, folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(descriptor, "rb") as file, new_file(target, source) as copy:
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


def new_file(target: Path, source: Path) -> IO[bytes]:
    """Return a file that was not there before. Raises SubmissionRefused where there was one."""
    try:
        return target.open("xb")
    except FileExistsError:
        raise SubmissionRefused(
            f"{source} and another file of the submission would have the same name here, "
            f"{target.name}; rename one of them"
        ) from None


def open_file(source: Path, folder: int | None) -> int:
    """Return a descriptor of a file, without waiting for a pipe. Raises SubmissionRefused."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        if folder is None:
            return os.open(source, flags)
        return os.open(source.name, flags | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        raise SubmissionRefused(f"{source} cannot be read: {error.strerror}") from None
