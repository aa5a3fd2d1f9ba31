"""What was handed in: bytes on the disk, and the receipt that says so.

Each upload is a folder of its own, `uploads/<id>/`: in `content` the file, or the files of a folder
under numbers, and beside that `receipt.json`. It is written beside its place, synced and renamed;
the row in the database comes after that, and the receipt last of all. So whoever has a receipt has
an upload, and an upload whose row got lost, in a kill between the two, is found by its receipt at
the next start.

Nothing here looks into a file. Names are kept for people and never become a path that leads
elsewhere: one file keeps a harmless form of its name, the files of a folder get numbers.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, NamedTuple

from grader.errors import GraderError, SubmissionRefused
from grader.host.ownership import remove_tree
from grader.intake.opener.member_names import cut_to_bytes, parts_of, safe_path
from grader.intake.opener.refused import Refused

RECEIPT_FILE = "receipt.json"
CONTENT = "content"  # apart, so that whatever a file is called, it meets no file of ours
CHUNK = 1 << 20
MOST_NAME_BYTES = 120


class DiskFull(GraderError):
    """An upload could not be written. Nothing of it was kept."""


class Part(NamedTuple):
    """One file of a request, as it was sent."""

    name: str
    content: IO[bytes]


@dataclass(frozen=True)
class Upload:
    """One upload.

    file: the name of its only file on the disk; empty for a folder, whose names are in `members`.
    """

    id: str
    learner: str
    task: str
    file: str
    members: tuple[str, ...]
    bytes: int
    sha256: str
    received_at: float

    @property
    def shown_name(self) -> str:
        """Return what was handed in, for people."""
        if self.file:
            return self.file
        return f"a folder of {len(self.members)} files"


def upload_of(row: sqlite3.Row) -> Upload:
    values = dict(row)
    return Upload(**values | {"members": tuple(json.loads(row["members"]))})


def keep(
    parts: Sequence[Part],
    *,
    learner: str,
    task: str,
    incoming: Path,
    uploads: Path,
    now: float,
) -> Upload:
    """Write an upload to the disk and return it.

    Raises SubmissionRefused for names that no file may have, DiskFull if it cannot be written.
    """
    names = [clean_name(part.name) for part in parts]
    mark = secrets.token_hex(8)
    half = incoming / mark
    try:
        content = half / CONTENT
        content.mkdir(parents=True)
        if len(parts) == 1:
            file = names[0].rpartition("/")[2]
            size, digest = written(parts[0].content, content / file)
            made = Upload(mark, learner, task, file, (), size, digest, now)
        else:
            made = written_folder(
                parts, names, content, Upload(mark, learner, task, "", (), 0, "", now)
            )
        write_synced(half / RECEIPT_FILE, json.dumps(asdict(made)).encode())
        uploads.mkdir(exist_ok=True)
        half.rename(uploads / mark)
        sync_folder(uploads)
    except OSError as error:
        remove_tree(half)
        raise DiskFull(
            f"your upload could not be stored ({error.strerror or error}). Nothing of it was kept, "
            "and this is not your fault: tell your instructor, and try again later"
        ) from None
    return made


def written_folder(
    parts: Sequence[Part], names: Sequence[str], folder: Path, about: Upload
) -> Upload:
    """Write the files of a folder under numbers, and return the upload that they make up."""
    total = 0
    whole = hashlib.sha256()
    for number, part in enumerate(parts):
        size, digest = written(part.content, folder / f"{number:04d}")
        total += size
        whole.update(f"{names[number]}\0{size}\0{digest}\n".encode("utf-8", "surrogatepass"))
    values = asdict(about) | {"members": tuple(names), "bytes": total, "sha256": whole.hexdigest()}
    return Upload(**values)


def clean_name(name: str) -> str:
    """Return a name as it may be on a disk, folders and all. Raises SubmissionRefused."""
    try:
        path = safe_path(parts_of(name or "solution", "folder"))
    except Refused as refused:
        raise SubmissionRefused(str(refused)) from None
    return "/".join(cut_to_bytes(part, MOST_NAME_BYTES) for part in path.parts)


def written(content: IO[bytes], target: Path) -> tuple[int, str]:
    """Write a file to the disk, and return its size and SHA-256."""
    total = hashlib.sha256()
    size = 0
    with target.open("xb") as file:
        while chunk := content.read(CHUNK):
            file.write(chunk)
            total.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, total.hexdigest()


def write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def members_of(upload: Upload, uploads: Path) -> tuple[tuple[Path, str], ...]:
    """Return where each file of a folder lies, with its name; nothing for a single file."""
    folder = uploads / upload.id / CONTENT
    return tuple((folder / f"{number:04d}", name) for number, name in enumerate(upload.members))


def path_of(upload: Upload, uploads: Path) -> Path:
    """Return where an upload lies."""
    return uploads / upload.id / CONTENT / upload.file


def remove_unfinished(incoming: Path) -> None:
    """Remove what was being uploaded when the page ended: nobody has a receipt for it."""
    if incoming.is_dir():
        for path in incoming.iterdir():
            remove_tree(path)


def stored_uploads(uploads: Path) -> list[Upload]:
    """Return every upload on the disk whose receipt can be read."""
    found = []
    for path in sorted(uploads.glob(f"*/{RECEIPT_FILE}")):
        try:
            values = json.loads(path.read_bytes())
            found.append(Upload(**values | {"members": tuple(values["members"])}))
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return found


def has_room(folder: Path, size: int, reserve: int) -> bool:
    """Whether so many bytes fit on the disk of a folder, and some stay free."""
    try:
        return shutil.disk_usage(folder).free >= size + reserve
    except OSError:
        return False
