"""Writes the members of an archive below a folder, within the limits, whatever made the archive.

**Hostile archives.** An archive is refused as a whole for any member that is kept and is not a
plain file: a link, a device, an encrypted file, a path that leads out, a name that is there twice.
What is left out (member_names.py) is neither unpacked nor counted, so that a `.git` beside a
solution does no harm. What an archive says about sizes is checked before anything is unpacked, as
far as it says it beforehand, and again while it is unpacked. Whatever else a crafted file does
meets the limits on memory, time and file size that `main` sets first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from .member_names import (
    ENVIRONMENT_FILE,
    Omission,
    folders_around,
    notes_on,
    omission,
    parts_of,
    renamed_note,
    safe_path,
    shown,
)
from .refused import Refused

MIB = 1 << 20
MAX_MEMBERS = 500
MAX_TOTAL_BYTES = 512 * MIB


@dataclass(frozen=True)
class Member:
    """A file in an archive, as the archive describes it.

    problem: why it cannot be a part of a submission; empty if it can. damage: the exceptions by
    which its reader says that it is broken.
    """

    name: str
    size: int
    problem: str
    open: Callable[[], IO[bytes]]
    damage: tuple[type[Exception], ...]


@dataclass
class Unpacker:
    """Where members are written to, and what has been written."""

    target: Path
    kind: str  # of the archive, for messages: "zip" or "tar"
    environments: set[str] = field(default_factory=set)
    around: int = 0  # folders that are around everything
    written: dict[PurePosixPath, str] = field(default_factory=dict)
    omissions: list[Omission] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)

    def look_at(self, sizes: Sequence[tuple[str, int]]) -> None:
        """Learn from an archive's list of files what is to be left out, before a byte is written.

        sizes: name and size of every file, by the archive's own word. Raises Refused for a path
        that leads out of it, and for what is too many or too much.
        """
        names = [name for name, _ in sizes]
        self.environments = environments_in(names)
        self.around = folders_around([parts_of(name, self.kind) for name in names])
        kept = [size for name, size in sizes if self.omission(name) is None]
        if len(kept) > MAX_MEMBERS:
            raise Refused(f"{len(kept)} files; at most {MAX_MEMBERS} are accepted")
        if sum(kept) > MAX_TOTAL_BYTES:
            raise Refused(
                f"{sum(kept) // MIB} MiB when unpacked; at most {MAX_TOTAL_BYTES // MIB} MiB are "
                "accepted"
            )

    def omission(self, name: str) -> Omission | None:
        """Return why a member of this name is left out; None if it is kept. Raises Refused."""
        return omission(parts_of(name, self.kind), self.environments, self.around)

    def write(self, member: Member) -> None:
        """Write one member unless it is left out. Raises Refused."""
        parts = parts_of(member.name, self.kind)
        left_out = self.omission(member.name)
        if left_out is not None:
            self.omissions.append(left_out)
            return
        if member.problem:
            raise Refused(member.problem)
        path = safe_path(parts)
        self.claim(path, member)
        self.copy(member, path)

    def claim(self, path: PurePosixPath, member: Member) -> None:
        """Take a path for a member. Raises Refused where it is taken."""
        if path in self.written:
            raise Refused(twice(self.written[path], member.name, str(path)))
        self.written[path] = member.name
        before = "/".join(parts_of(member.name, self.kind))
        if before != str(path):
            self.renamed.append(renamed_note(before, str(path)))

    def copy(self, member: Member, path: PurePosixPath) -> None:
        """Unpack one file, and no more of it than the archive said before. Raises Refused."""
        left = member.size
        target = self.target / path
        name = shown(member.name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with member.open() as packed, target.open("xb") as plain:
                while piece := packed.read(min(MIB, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        raise Refused(f"{name!r} is bigger than the {self.kind} says")
                    plain.write(piece)
        except member.damage:
            raise Refused(f"{name!r} is damaged; make the {self.kind} again") from None
        except FileExistsError:
            raise Refused(
                f"{name!r} cannot be unpacked, because another file of it has the same name here; "
                "rename one of them"
            ) from None
        except OSError as error:
            raise Refused(f"{name!r} cannot be unpacked: {error.strerror}") from None

    def notes(self) -> list[str]:
        """Return what to say about files that are left out or called otherwise."""
        return [*self.renamed, *notes_on(self.omissions)]


def twice(first: str, second: str, path: str) -> str:
    """Return what to say about two members for one place."""
    if first == second:
        return f"{shown(first)!r} occurs twice; keep one of them"
    return (
        f"{first[:100]!a} and {second[:100]!a} would both be called {path!r} here; rename one of "
        "them"
    )


def environments_in(names: Iterable[str]) -> set[str]:
    """Return the folders of an archive that are virtual environments."""
    found = set()
    for name in names:
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if len(parts) > 1 and parts[-1] == ENVIRONMENT_FILE:
            found.add("/".join(parts[:-1]))
    return found
