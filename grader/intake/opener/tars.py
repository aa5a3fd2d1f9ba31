"""Tars, plain or packed by gzip, bzip2 or xz, read from the beginning to the end.

A tar has no list of its files, so it is read twice: for the names of all of them, and to unpack
those that are kept, as they come.
"""

from __future__ import annotations

import io
import lzma
import tarfile
import zlib
from functools import partial
from pathlib import Path
from typing import IO

from .first_bytes import instead_of
from .member_names import shown
from .refused import Refused
from .unpacking import Member, Unpacker

MAX_ENTRIES = 100_000  # what is left out among them
DAMAGE = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError)


def open_tar(source: Path, target: Path) -> list[str]:
    """Write a tar's files below `target`; returns notes on what is left out or renamed.

    Raises Refused for anything in it that is not a plain file.
    """
    unpacker = Unpacker(target, "tar")
    try:
        unpacker.look_at(sizes_in(source))
        with tarfile.open(source, "r:*") as archive:
            for entry in archive:
                if not entry.isdir():
                    unpacker.write(described(archive, entry))
    except (*DAMAGE, OSError, ValueError):
        raise Refused(
            f"not a readable tar{instead_of(source, 'tar')}. Make it again, or make a zip with any "
            "zip program"
        ) from None
    return unpacker.notes()


def sizes_in(source: Path) -> list[tuple[str, int]]:
    """Return the name and the size of every file in a tar. Raises Refused for very many."""
    sizes: list[tuple[str, int]] = []
    with tarfile.open(source, "r:*") as archive:
        for number, entry in enumerate(archive):
            if number >= MAX_ENTRIES:
                raise Refused(f"it lists more than {MAX_ENTRIES} files; hand in the solution")
            if not entry.isdir():
                sizes.append((entry.name, entry.size))
    return sizes


def described(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Member:
    """Return a tar's entry as the unpacker knows it."""
    problem = ""
    if not entry.isreg():
        problem = f"{shown(entry.name)!r} is a link or a special file; put plain files into the tar"
    return Member(entry.name, entry.size, problem, partial(content, archive, entry), DAMAGE)


def content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    """Return an entry's bytes as a file."""
    return archive.extractfile(entry) or io.BytesIO()
