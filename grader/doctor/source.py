"""Has a submission's source read by a limited child, and takes only rule names and line numbers
from it.

Source is hostile text: a parser can be led into deep recursion and much memory. The child's memory,
time and output are capped; whatever becomes of it, the worst is that the doctor knows of no place.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.doctor.diagnose import Source
from grader.doctor.rules.finder import MOST_BYTES, RULES
from grader.intake.limited_child import run_limited
from grader.intake.notebook_cells import read_cells

MOST_FILES = 20
SECONDS = 10.0
SAID_BYTES = 16 << 10
MOST_LINES = 1_000_000
FEW_DIGITS = re.compile("[0-9]{1,7}")
PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from grader.doctor.{} import main; sys.exit(main(sys.argv[1:]))"
ROOT = Path(__file__).resolve().parent.parent.parent


def read_source(folder: Path, file: str) -> Source:
    """Return the places that the rules find in a submission's Python files; `file` is the one that
    is run.
    """
    files = python_files(folder, file)
    chosen = small(files)
    if not chosen:
        return Source()
    names = [path.relative_to(folder).as_posix() for path in chosen]
    found = understood(ask_child("rules.finder", chosen), names, is_all=len(chosen) == len(files))
    cells = read_cells(folder / file)
    return replace(found, places={rule: cells.named(place) for rule, place in found.places.items()})


def read_calls(folder: Path, file: str, functions: Sequence[str]) -> dict[str, set[str]]:
    """Return function -> those of the others that it calls, itself or through helpers, as far as
    the source shows.
    """
    calls: dict[str, set[str]] = {name: set() for name in functions}
    chosen = small(python_files(folder, file))
    said = ask_child("calls", chosen, *functions, "--") if chosen else ""
    numbered = {str(number): name for number, name in enumerate(functions)}
    for line in said.split("\n"):
        one, _, other = line.partition(" ")
        if one in numbered and other in numbered:
            calls[numbered[one]].add(numbered[other])
    return calls


def python_files(folder: Path, file: str) -> list[Path]:
    """Return a submission's Python files, the one that is run first."""
    rest = sorted(path for path in folder.rglob("*.py") if path.is_file() and not path.is_symlink())
    main = folder / file
    files = [main, *(path for path in rest if path != main)] if main.is_file() else rest
    return [path for path in files if path.suffix == ".py"]


def small(files: Sequence[Path]) -> list[Path]:
    """Return the files that are read: the first ones, and none that is too long."""
    return [path for path in files if path.stat().st_size <= MOST_BYTES][:MOST_FILES]


def ask_child(program: str, files: Sequence[Path], *words: str) -> str:
    """Return what one of the child's programs printed; nothing if it did not end well."""
    given = [*words, *(str(path.resolve()) for path in files)]
    command = [sys.executable, "-I", "-B", "-c", PROGRAM.format(program), str(ROOT), *given]
    done = run_limited(command, SECONDS, SAID_BYTES)
    return done[1].decode("ascii", "replace") if done is not None and done[0] == 0 else ""


def understood(said: str, names: Sequence[str], *, is_all: bool = True) -> Source:
    """Return the places in a child's text. A line that is not exactly a known rule and two numbers
    is left out.
    """
    lines = said.split("\n")
    places: dict[str, str] = {}
    for line in lines:
        rule, _, rest = line.partition("\t")
        file, _, number = rest.partition("\t")
        if rule not in RULES or not (FEW_DIGITS.fullmatch(file) and FEW_DIGITS.fullmatch(number)):
            continue
        if int(file) < len(names) and 0 < int(number) < MOST_LINES:
            places.setdefault(rule, f"{names[int(file)]}:{int(number)}")
    return Source(places, is_whole=is_all and "whole" in lines)
