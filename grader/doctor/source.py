"""Has a submission's source read by a limited child, and takes only rule names and line numbers from it.

Source is hostile text: a parser can be led into deep recursion and much memory. The child's memory, time and output are
capped; whatever becomes of it, the worst is that the doctor knows of no place.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from grader.doctor.diagnose import Source
from grader.doctor.rules import MOST_BYTES, RULES
from grader.limited import run_limited

MOST_FILES = 20
SECONDS = 10.0
SAID_BYTES = 16 << 10
MOST_LINES = 1_000_000
PROGRAM = (
    "import sys; sys.path.append(sys.argv.pop(1)); from grader.doctor.rules import main; sys.exit(main(sys.argv[1:]))"
)
ROOT = Path(__file__).resolve().parent.parent.parent


def read_source(folder: Path, file: str) -> Source:
    """Return the places that the rules find in a submission's Python files; `file` is the one that is run."""
    rest = sorted(path for path in folder.rglob("*.py") if path.is_file() and not path.is_symlink())
    main = folder / file
    files = [main, *(path for path in rest if path != main)] if main.is_file() else rest
    files = [path for path in files if path.suffix == ".py"]
    chosen = [path for path in files if path.stat().st_size <= MOST_BYTES][:MOST_FILES]
    if not chosen:
        return Source()
    names = [path.relative_to(folder).as_posix() for path in chosen]
    return understood(ask_child(chosen), names, is_all=len(chosen) == len(files))


def ask_child(files: Sequence[Path]) -> str:
    """Return what the child printed; nothing if it did not end well."""
    command = [sys.executable, "-I", "-B", "-c", PROGRAM, str(ROOT), *(str(path.resolve()) for path in files)]
    done = run_limited(command, SECONDS, SAID_BYTES)
    return done[1].decode("ascii", "replace") if done is not None and done[0] == 0 else ""


def understood(said: str, names: Sequence[str], *, is_all: bool = True) -> Source:
    """Return the places in a child's text. A line that is not exactly a known rule and two numbers is left out."""
    lines = said.split("\n")
    places: dict[str, str] = {}
    for line in lines:
        rule, _, rest = line.partition("\t")
        file, _, number = rest.partition("\t")
        if rule not in RULES or not (line.isascii() and file.isdigit() and number.isdigit()):
            continue
        if int(file) < len(names) and 0 < int(number) < MOST_LINES:
            places.setdefault(rule, f"{names[int(file)]}:{int(number)}")
    return Source(places, is_whole=is_all and "whole" in lines)
