"""What a file that can't be opened is instead, seen in its size and its first bytes."""

from __future__ import annotations

from pathlib import Path

SHOWN_BYTES = 4
BEGINNING = 512
# How files begin that people hand in as an archive by mistake, or after a wrong download.
KINDS = {
    b"PK\x03\x04": "a zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<!doctype html": "a web page: the download gave a page in place of the file",
    b"<html": "a web page: the download gave a page in place of the file",
    b"version https://git-lfs": "a pointer of Git LFS, and not the file itself",
}
# What an archive of each kind begins with, as far as that is one thing.
BEGINS = {"zip": b"PK\x03\x04"}


def instead_of(source: Path, wanted: str) -> str:
    """Return what is seen of a file that is no readable archive, as the end of a message.

    wanted: "zip" or "tar".
    """
    try:
        with source.open("rb") as file:
            beginning = file.read(BEGINNING)
    except OSError:
        return ""
    if not beginning:
        return ": the file is empty, 0 bytes"
    signature = BEGINS.get(wanted)
    if signature is not None and beginning.startswith(signature):
        return ": it begins as one, and is damaged or breaks off"
    for begins, kind in KINDS.items():
        if beginning.lstrip().lower().startswith(begins.lower()):
            return f": by its first bytes it is {kind}"
    shown = beginning[:SHOWN_BYTES].hex(" ")
    expected = "" if signature is None else f", and a zip with {signature.hex(' ')}"
    return f": it begins with the bytes {shown}{expected}"
