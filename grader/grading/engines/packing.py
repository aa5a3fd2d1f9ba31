"""What travels to a node: a submission, or folders of tasks, as one tar.

The tar is made here and read by a worker of ours, which then opens the submission in its limited
child as it would here. Links travel as links and are never followed, so what is refused on this
computer is refused there for the same reason, and has the same hash.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

from grader.errors import GraderError
from grader.intake.hand_ins import HandIn

MOST_BYTES = 1 << 30  # an opened submission may have half of that (grader/intake/copying.py)
ITSELF = "submission"
MEMBERS = "members"


def pack_hand_in(hand_in: HandIn) -> bytes:
    """Return what was handed in, with the names that say whose it is and for which task.

    GraderError if it cannot be read, or is larger than MOST_BYTES.
    """
    parent = hand_in.path.absolute().parent.name or "folder"
    entries = [(hand_in.path, f"{ITSELF}/{parent}/{hand_in.path.name}")]
    if hand_in.members:
        entries = [
            (path, f"{MEMBERS}/{number}/{path.name}")
            for number, (path, _) in enumerate(hand_in.members)
        ]
    return packed(entries)


def unpack_hand_in(package: bytes, hand_in: HandIn, folder: Path) -> HandIn:
    """Unpack into an empty folder, and return the hand-in as it lies there."""
    unpacked(package, folder)
    parent = hand_in.path.absolute().parent.name or "folder"
    members = tuple(
        (folder / MEMBERS / str(number) / path.name, name)
        for number, (path, name) in enumerate(hand_in.members)
    )
    place = folder / ITSELF / parent / hand_in.path.name
    return hand_in.model_copy(update={"path": place, "members": members})


def pack_folders(folders: Sequence[Path]) -> bytes:
    """Return folders, such as those that hold tasks of somebody's own, numbered from 0."""
    return packed([(folder, str(number)) for number, folder in enumerate(folders)])


def unpack_folders(package: bytes, folder: Path) -> list[Path]:
    """Unpack folders into an empty one, and return where they are."""
    unpacked(package, folder)
    return sorted(folder.iterdir(), key=lambda each: int(each.name))


def packed(entries: Sequence[tuple[Path, str]]) -> bytes:
    """Return a tar of what lies at each path, under the name beside it."""
    left = MOST_BYTES

    def counted(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        nonlocal left
        left -= entry.size
        if left < 0:
            raise GraderError(
                f"{entry.name} makes more than {MOST_BYTES >> 20} MiB, which is not sent to "
                "another computer; grade it here, without --engine"
            )
        return entry

    package = io.BytesIO()
    try:
        with tarfile.open(fileobj=package, mode="w", dereference=False) as archive:
            for path, name in entries:
                archive.add(path, name, filter=counted)
    except OSError as error:
        where = error.filename or entries[0][0]
        raise GraderError(f"{where} cannot be read: {error.strerror or error}") from None
    return package.getvalue()


def unpacked(package: bytes, folder: Path) -> None:
    """Unpack a tar of `packed`. GraderError if this computer refuses the files, as if full."""
    try:
        with tarfile.open(fileobj=io.BytesIO(package)) as archive:
            archive.extractall(folder, filter="tar")
    except (OSError, tarfile.TarError) as error:
        why = getattr(error, "strerror", None) or error
        raise GraderError(f"what was sent could not be unpacked in {folder}: {why}") from None
