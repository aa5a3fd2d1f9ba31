"""What travels to a node: a submission, or folders of tasks, as one tar.

The tar is made here and read by a worker of ours, which then opens the submission in its limited
child as it would here. Links travel as links and are never followed, so what is refused on this
computer is refused there for the same reason, and has the same hash.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path

from grader.errors import GraderError
from grader.intake.hand_ins import HandIn

MOST_BYTES = 1 << 30  # an opened submission may have half of that (grader/intake/copying.py)
NAMELESS = (".", "..", "")  # how a path may end without saying what lies there
ITSELF = "submission"
MEMBERS = "members"


class CannotTravel(GraderError):
    """Something is too large to be sent to another computer, or cannot be read."""


def with_full_paths(hand_in: HandIn) -> HandIn:
    """Return a hand-in whose paths any computer reads alike, in whatever folder it works.

    What lies at a path may be a link; only the way there is followed.
    """
    members = tuple((full_path(path), name) for path, name in hand_in.members)
    return hand_in.model_copy(update={"path": full_path(hand_in.path), "members": members})


def full_path(path: Path) -> Path:
    if path.name in NAMELESS:
        return path.resolve()
    return path.parent.resolve() / path.name


def pack_hand_in(hand_in: HandIn) -> bytes:
    """Return what was handed in, with the names that say whose it is and for which task.

    hand_in: with full paths. CannotTravel if it cannot be read, or is larger than MOST_BYTES.
    """
    entries = [(hand_in.path, f"{ITSELF}/{own_place(hand_in)}")]
    if hand_in.members:
        entries = [
            (path, f"{MEMBERS}/{number}/{path.name}")
            for number, (path, _) in enumerate(hand_in.members)
        ]
    return packed(entries)


def pack_stand_in(hand_in: HandIn) -> bytes:
    """Return an empty folder or file with the names of a hand-in that does not travel."""
    entry = tarfile.TarInfo(f"{ITSELF}/{own_place(hand_in)}")
    entry.mode = 0o700
    entry.type = tarfile.DIRTYPE if hand_in.path.is_dir() else tarfile.REGTYPE
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w") as archive:
        archive.addfile(entry)
    return package.getvalue()


def own_place(hand_in: HandIn) -> str:
    """Return the last two names of a full path: the folder's may be that of a task."""
    return f"{hand_in.path.parent.name or 'folder'}/{hand_in.path.name}"


def unpack_hand_in(package: bytes, hand_in: HandIn, folder: Path) -> HandIn:
    """Unpack into an empty folder, and return the hand-in as it lies there.

    GraderError if it does not lie there: then it was lost on the way, and nobody's fault but ours.
    """
    unpacked(package, folder)
    members = tuple(
        (folder / MEMBERS / str(number) / path.name, name)
        for number, (path, name) in enumerate(hand_in.members)
    )
    place = folder / ITSELF / own_place(hand_in)
    expected = [place]
    if members and hand_in.not_sent is None:
        expected = [path for path, _ in members]
    for path in expected:
        if not os.path.lexists(path):
            raise GraderError(f"{path.name} was sent, and is not among what arrived")
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
            raise CannotTravel(
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
        raise CannotTravel(f"{where} cannot be read: {error.strerror or error}") from None
    return package.getvalue()


def unpacked(package: bytes, folder: Path) -> None:
    """Unpack a tar of `packed`. GraderError if this computer refuses the files, as if full."""
    try:
        with tarfile.open(fileobj=io.BytesIO(package)) as archive:
            archive.extractall(folder, filter="tar")
    except (OSError, tarfile.TarError) as error:
        why = getattr(error, "strerror", None) or error
        raise GraderError(f"what was sent could not be unpacked in {folder}: {why}") from None
