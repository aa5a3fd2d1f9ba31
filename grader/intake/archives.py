"""Zips and notebooks, opened by the limited child (hostile_files.py) and never in this process.

Zip bombs and other traps are refused there, in hostile_files.py. What the child prints is read only
as far as a page goes and cleaned: it opened hostile files, so what became of it is not to be
trusted either.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from grader.errors import SubmissionRefused
from grader.intake.limited_child import run_limited
from grader.text import terminal_lines

OPENER = Path(__file__).resolve().parent / "hostile_files.py"
OPEN_SECONDS = 60
MAX_MESSAGE_BYTES = 4096
REFUSED = 2  # exit code of the opener for a file that it understood and refuses


def open_zip(path: Path, folder: Path) -> None:
    """Unpack a zip into an empty folder. Raises SubmissionRefused."""
    run_opener("zip", path, folder)
    lift_single_folder(folder)


def script_of_notebook(path: Path, notes: list[str]) -> str:
    """Write a notebook's code cells beside it as one script, and return that script's name.

    notes: gets a line for each magic or shell line that is skipped. Raises SubmissionRefused.
    """
    made = f"{path.stem}_notebook.py"  # read by notebook_cells.py
    notes += run_opener("notebook", path, path.parent / made)
    return made


def run_opener(kind: str, source: Path, target: Path) -> list[str]:
    """Open a hostile file in the limited child and return the notes that it printed.

    kind: "zip" or "notebook". Raises SubmissionRefused with the child's reason.
    """
    paths = [str(source.resolve()), str(target.resolve())]
    command = [sys.executable, "-I", "-B", str(OPENER), kind, *paths]
    done = run_limited(command, OPEN_SECONDS, MAX_MESSAGE_BYTES)
    if done is None:
        raise SubmissionRefused(
            f"{source.name} took more than {OPEN_SECONDS} s to open; hand in plain files"
        )
    code, printed = done
    message = terminal_lines(printed.decode("utf-8", "replace"))
    if code == 0:
        return [line for line in message.split("\n") if line]
    reason = "it could not be opened within the limits on memory, time and size"
    if code == REFUSED and message.strip():
        reason = message.strip()
    raise SubmissionRefused(f"{source.name}: {reason}")


def lift_single_folder(folder: Path) -> None:
    """Replace a folder that holds nothing but one folder by that one: zips are often made so."""
    entries = [entry for entry in folder.iterdir() if entry.name != "__MACOSX"]
    if len(entries) == 1 and entries[0].is_dir():
        inner = entries[0].rename(folder.parent / "inner")
        shutil.rmtree(folder)
        inner.rename(folder)
