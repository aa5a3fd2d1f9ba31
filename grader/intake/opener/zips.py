"""Zips: what stands in one, said before anything of it is unpacked."""

from __future__ import annotations

import stat
import zipfile
from functools import partial
from pathlib import Path

from .first_bytes import instead_of
from .member_names import shown
from .refused import Refused
from .unpacking import MAX_MEMBERS, MIB, Member, Unpacker

MAX_RATIO = 200  # of a member of more than 1 MiB; source code reaches about 10
# A virtual environment that was packed along lists some 20,000 files, of which none is unpacked.
MAX_DIRECTORY_BYTES = 8 * MIB
# The end of a zip, where its list of files is described: 22 bytes and a remark of up to 64 KiB.
END_BYTES = 66_000
END_RECORD = b"PK\x05\x06"
# Where this stands the size is in the 64-bit form, which zipfile reads under this child's limits.
SIZE_IN_64_BITS = 0xFFFFFFFF
IS_UTF8 = 0x800
IS_ENCRYPTED = 0x1
DAMAGE = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError)


def open_zip(source: Path, target: Path) -> list[str]:
    """Write a zip's files below `target`; returns notes on what is left out or renamed.

    Raises Refused for anything in it that is not a plain file.
    """
    unpacker = Unpacker(target, "zip")
    with readable_zip(source) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        unpacker.look_at([(name_of(member), member.file_size) for member in members])
        for member in members:
            unpacker.write(described(archive, member))
    return unpacker.notes()


def described(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Member:
    """Return a member as the unpacker knows it."""
    opening = partial(archive.open, member)
    return Member(name_of(member), member.file_size, problem_of(member), opening, DAMAGE)


def name_of(member: zipfile.ZipInfo) -> str:
    """Return a member's whole name; `filename` ends at a NUL.

    Macs write names in UTF-8 without saying so, and they are read as if from an old PC.
    """
    name = member.orig_filename
    if member.flag_bits & IS_UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def problem_of(member: zipfile.ZipInfo) -> str:
    """Return why a member is not a plain file that can be read; empty if it is one."""
    name = shown(name_of(member))
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return f"{name!r} is a link or a special file; put plain files into the zip"
    if member.flag_bits & IS_ENCRYPTED:
        return f"{name!r} is encrypted; make the zip without a password"
    if member.file_size > max(MIB, MAX_RATIO * max(1, member.compress_size)):
        return (
            f"{name!r} unpacks to {member.file_size // MIB} MiB from almost nothing; there is no "
            "need to hand in data"
        )
    return ""


def readable_zip(source: Path) -> zipfile.ZipFile:
    """Return an opened zip. Raises Refused if it is none, or if its list of files is too long."""
    try:
        listed = directory_bytes(source)
        if listed > MAX_DIRECTORY_BYTES:
            raise Refused(
                f"its list of files alone takes {listed / MIB:.0f} MiB; at most {MAX_MEMBERS} "
                "files are accepted"
            )
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Refused(
            f"not a readable zip{instead_of(source, 'zip')}. Make it with any zip program and try "
            "again"
        ) from None


def directory_bytes(source: Path) -> int:
    """Return how long a zip's list of files claims to be; 0 where it does not say.

    Asked before the list is read: reading a long one takes minutes.
    """
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - END_BYTES))
        end = file.read()
    at = end.rfind(END_RECORD)
    if at < 0:
        return 0
    size = int.from_bytes(end[at + 12 : at + 16], "little")
    return 0 if size == SIZE_IN_64_BITS else size
