"""Has a submission's source read by a limited child, and accepts only rules and line numbers.

Source is hostile text: a parser can be led into deep recursion and much memory. The child limits
its own memory and processor time, this side limits its time and how much of its output is read, and
nothing it prints is believed further than a known rule's name and two small numbers. Whatever
becomes of the child, the worst is that the doctor knows of no place.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.doctor.evidence import Source
from grader.doctor.rules.finder import RULES
from grader.doctor.rules.hostile_source import MOST_BYTES
from grader.intake.limited_child import run_limited
from grader.intake.notebook_cells import read_cells

MOST_FILES = 20
SECONDS = 10.0
SAID_BYTES = 16 << 10
MOST_LINES = 1_000_000
FEW_DIGITS = re.compile("[0-9]{1,7}")
# -I keeps the child's search path free of the submission's folder. Ours goes first: with another
# checkout installed in the environment, the child would otherwise run that one's rules.
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from grader.doctor.rules.{} import main; sys.exit(main(sys.argv[1:]))"
)
ROOT = Path(__file__).resolve().parent.parent.parent


def read_source(folder: Path, file: str) -> Source:
    """Return the places the rules find in a submission's Python files; `file` is the one run."""
    files = python_files(folder, file)
    chosen = small(files)
    if not chosen:
        return Source()
    names = [path.relative_to(folder).as_posix() for path in chosen]
    said = ask_child("finder", chosen)
    found = understood(said, names, is_all=len(chosen) == len(files))
    cells = read_cells(folder / file)
    return replace(found, places={rule: cells.named(place) for rule, place in found.places.items()})


def read_calls(folder: Path, file: str, functions: Sequence[str]) -> dict[str, set[str]]:
    """Return function -> which of the others it calls, itself or through helpers.

    functions: the names a task asks for. What the source does not show is missing.
    """
    calls: dict[str, set[str]] = {name: set() for name in functions}
    chosen = small(python_files(folder, file))
    if not chosen:
        return calls
    numbered = {str(number): name for number, name in enumerate(functions)}
    for line in ask_child("calls", chosen, *functions, "--").split("\n"):
        caller, _, called = line.partition(" ")
        if caller in numbered and called in numbered:
            calls[numbered[caller]].add(numbered[called])
    return calls


@dataclass(frozen=True)
class Lacks:
    """What a file does not have. broken_line: where it is no Python, 0: somewhere; None: it is."""

    functions: tuple[str, ...] = ()
    broken_line: int | None = None


def read_lacks(path: Path, functions: Sequence[str]) -> Lacks:
    """Return which functions a file does not define, as far as its text shows that."""
    if path.stat().st_size > MOST_BYTES:
        return Lacks()
    missing = []
    for line in ask_child("defined", [path], *functions, "--").split("\n"):
        kind, _, number = line.partition(" ")
        if not FEW_DIGITS.fullmatch(number):
            continue
        if kind == "broken":
            return Lacks(broken_line=int(number))
        if kind == "missing" and int(number) < len(functions):
            missing.append(functions[int(number)])
    return Lacks(tuple(missing))


def python_files(folder: Path, file: str) -> list[Path]:
    """Return a submission's Python files, the one that is run first; links are left out."""
    main = folder / file
    found = sorted(folder.rglob("*.py"))
    files = [path for path in found if is_own_file(path)]
    if main.suffix == ".py" and main.is_file():
        files = [main, *(path for path in files if path != main)]
    return files


def is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def small(files: Sequence[Path]) -> list[Path]:
    """Return the files that are read: the first ones, and none that is too long."""
    return [path for path in files if path.stat().st_size <= MOST_BYTES][:MOST_FILES]


def ask_child(program: str, files: Sequence[Path], *words: str) -> str:
    """Return what one of the child's programs printed; nothing if it did not end well."""
    given = [*words, *(str(path.resolve()) for path in files)]
    command = [sys.executable, "-I", "-B", "-c", PROGRAM.format(program), str(ROOT), *given]
    done = run_limited(command, SECONDS, SAID_BYTES)
    if done is None:
        return ""
    code, printed = done
    return printed.decode("ascii", "replace") if code == 0 else ""


def understood(said: str, names: Sequence[str], *, is_all: bool = True) -> Source:
    """Return the places in a child's text; other lines than a known rule and two numbers are
    ignored.

    names: the files that were read, by number. is_all: no file was left out.
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
