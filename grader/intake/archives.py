"""Archives and notebooks, opened by the limited child (opener/) and never in this process.

Bombs and other traps are refused there. What the child prints is read only as far as a page goes
and cleaned: it opened hostile files, so what became of it is not to be trusted either.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grader.errors import SubmissionRefused
from grader.intake.limited_child import run_limited
from grader.intake.notebook_cells import MADE_SUFFIX
from grader.intake.opener.member_names import MAX_NAME_BYTES, cut_to_bytes, shown
from grader.text import terminal_lines

# -I keeps the child's search path free of everything but the folder that holds opener/.
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from opener.main import main; sys.exit(main(*sys.argv[1:]))"
)
HERE = Path(__file__).resolve().parent  # holds opener/
OPEN_SECONDS = 60
MAX_MESSAGE_BYTES = 4096
REFUSED = 2  # exit code of the opener for a file that it understood and refuses
ARCHIVES = {
    ".zip": "zip",
    ".tar": "tar",
    ".tar.gz": "tar",
    ".tgz": "tar",
    ".tar.bz2": "tar",
    ".tbz2": "tar",
    ".tar.xz": "tar",
    ".txz": "tar",
}
# What people pack with that is not opened here -> its name.
UNOPENED = {
    ".7z": "7z",
    ".rar": "RAR",
    ".gz": "gzip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "Zstandard",
}
# How a file of another kind begins, whatever its name says.
SIGNATURES = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR"}


def archive_kind(name: str) -> str:
    """Return how an archive of this name is opened, "zip" or "tar"; empty if it is none."""
    folded = name.lower()
    for suffix, kind in ARCHIVES.items():
        if folded.endswith(suffix):
            return kind
    return ""


def unopened_kind(path: Path) -> str:
    """Return what kind of archive a file is that is not opened here; empty if it is none."""
    with path.open("rb") as file:
        beginning = file.read(8)
    for signature, kind in SIGNATURES.items():
        if beginning.startswith(signature):
            return kind
    return UNOPENED.get(path.suffix.lower(), "")


def open_archive(path: Path, folder: Path, notes: list[str]) -> None:
    """Unpack an archive into an empty folder; notes say what was left out. SubmissionRefused."""
    kind = unopened_kind(path)
    opened = archive_kind(path.name)
    if kind and not (opened == "tar" and kind in ("gzip", "bzip2", "xz")):
        raise SubmissionRefused(
            f"{shown(path.name)} is packed as {kind}, which is not opened here; pack the same "
            "files as a zip or a tar.gz"
        )
    notes += run_opener(opened, path, folder)


def script_of_notebook(path: Path, notes: list[str]) -> str:
    """Write a notebook's code cells beside it as one script, and return that script's name.

    notes: gets a line for each magic or shell line that is skipped. Raises SubmissionRefused.
    """
    stem = cut_to_bytes(path.stem, MAX_NAME_BYTES - len(MADE_SUFFIX))
    while (path.parent / f"{stem}{MADE_SUFFIX}").exists():
        stem += "_"
    made = f"{stem}{MADE_SUFFIX}"  # read by notebook_cells.py
    notes += run_opener("notebook", path, path.parent / made)
    return made


def run_opener(kind: str, source: Path, target: Path) -> list[str]:
    """Open a hostile file in the limited child and return the notes that it printed.

    kind: "zip", "tar" or "notebook". Raises SubmissionRefused with the child's reason.
    """
    paths = [str(source.resolve()), str(target.resolve())]
    command = [sys.executable, "-I", "-B", "-c", PROGRAM, str(HERE), kind, *paths]
    done = run_limited(command, OPEN_SECONDS, MAX_MESSAGE_BYTES)
    if done is None:
        raise SubmissionRefused(
            f"{shown(source.name)} took more than {OPEN_SECONDS} s to open; hand in plain files"
        )
    code, printed = done
    message = terminal_lines(printed.decode("utf-8", "replace"))
    if code == 0:
        return [line for line in message.split("\n") if line]
    reason = "it could not be opened within the limits on memory, time and size"
    if code == REFUSED and message.strip():
        reason = message.strip()
    raise SubmissionRefused(f"{shown(source.name)}: {reason}")
