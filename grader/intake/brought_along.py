"""How much a submission brings along, and what of it a box is given.

**Why a bound.** Who may bring 5 MiB of source brings the answers: weights that were trained at home
for hours, the hidden text, a table of the hidden pictures. A program that trains a model needs
little: of 528 public ones (scripts and whole chapters of books as notebooks), code takes 6.3 KB
after compression in 99 of 100 and 8.0 KB at most, its texts and numbers 1.7 KB and 2.0 KB, its
names 1.9 KB and 2.3 KB (docs/measure/security.md). The bounds of a task lie above all of them, and
they leave room for a few kilobytes of anything; what those are worth is measured there as well.

Source is parsed by the limited child alone (hostile_source.py). What it prints is taken as four
sizes and a place, and nothing else.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.course.curriculum import Task
from grader.course.known_names import WITHOUT_TRAINING
from grader.errors import SubmissionRefused
from grader.intake.limited_child import run_limited
from grader.intake.notebook_cells import read_cells
from grader.intake.settings import SETTINGS_FILE
from grader.records import Code
from grader.text import terminal_lines

WEIGHER = Path(__file__).resolve().parent / "hostile_source.py"
SECONDS = 60
PRINTED_BYTES = 2048
KIB = 1024
PRINTED = re.compile(
    r"source (\d{1,12})\nliterals (\d{1,12})\nnames (\d{1,12})\n"
    r"largest (\d{1,12}) (\d{1,7}) ?(.*)\n"
)
# What people read beside a program, and a program has no use for. It stays outside the box, and so
# it costs nothing. A notebook is run as the script that was made of it.
FOR_PEOPLE = {
    ".bib",
    ".doc",
    ".docx",
    ".gif",
    ".html",
    ".ipynb",
    ".jpeg",
    ".jpg",
    ".log",
    ".md",
    ".odt",
    ".pdf",
    ".png",
    ".rst",
    ".svg",
    ".tex",
    ".webp",
}
NAMES_FOR_PEOPLE = re.compile(
    r"(README|LICEN[CS]E|COPYING|CITATION|AUTHORS|CHANGELOG|Makefile|Dockerfile|requirements)"
    r"(\.[a-z]{1,6})?|events\.out\.tfevents.*|"
    r"\.(git|docker)\w{1,12}|pyproject\.toml|(environment|conda)\.ya?ml|uv\.lock",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Brought:
    """What a submission brings into a box: bytes after compression, and the longest literal."""

    source: int
    literals: int
    names: int
    largest: int
    line: int  # 0: a whole file that is no code
    file: str


def is_bounded(task: Task) -> bool:
    """Whether a task bounds what is brought along: where a model is trained, and weights are not
    allowed. The cases of a function task are drawn anew in every run.
    """
    limits = task.spec.limits
    return (
        task.spec.exam not in WITHOUT_TRAINING and not limits.weights_mib and limits.source_kib > 0
    )


def give_box(folder: Path, target: Path, task: Task, notebook: str = "") -> Path:
    """Return the folder that a box is given: a copy in `target`, without what does not count.

    That is `folder` itself where the task bounds nothing. notebook: the file that a script was made
    of; whatever it is called, it stays outside. Raises SubmissionRefused where more is brought
    along than the task takes.
    """
    if not is_bounded(task):
        return folder
    brought = weigh(folder, target, notebook)
    limits = task.spec.limits
    if max(brought.literals, brought.names) > limits.literals_kib * KIB:
        raise SubmissionRefused(too_much_data(brought, folder, task), Code.BROUGHT_ALONG)
    if brought.source > limits.source_kib * KIB:
        raise SubmissionRefused(too_much_code(brought, task), Code.BROUGHT_ALONG)
    return target


def weigh(folder: Path, target: Path, notebook: str = "") -> Brought:
    """Copy what a box is given of a folder, and return how much that is.

    Raises SubmissionRefused where the limited child cannot read it.
    """
    target.mkdir(parents=True, exist_ok=True)
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    outside = [file.as_posix() for file in files if is_for_people(file)]
    if notebook:
        outside.append(notebook)
    command = [sys.executable, "-I", "-B", str(WEIGHER), str(folder), str(target), *outside]
    done = run_limited(command, SECONDS, PRINTED_BYTES)
    printed = "" if done is None else terminal_lines(done[1].decode("utf-8", "replace"))
    found = PRINTED.fullmatch(f"{printed.strip()}\n")
    if done is None or done[0] != 0 or found is None:
        raise SubmissionRefused(
            "the code could not be read within the limits on memory and time; hand in plain "
            "Python files of ordinary size"
        )
    source, literals, names, largest, line = map(int, found.groups()[:5])
    return Brought(source, literals, names, largest, line, found[6])


def is_for_people(path: PurePosixPath | Path) -> bool:
    """Whether a file of a submission is read by people and not by its program."""
    if path.as_posix() == SETTINGS_FILE:
        return True
    return path.suffix.lower() in FOR_PEOPLE or bool(NAMES_FOR_PEOPLE.fullmatch(path.name))


def too_much_data(brought: Brought, folder: Path, task: Task) -> str:
    """Return why a submission with so many texts and numbers, or names, is refused."""
    most = task.spec.limits.literals_kib
    if brought.literals > most * KIB:
        what = f"{brought.literals / KIB:.1f} KiB of texts, numbers and data files"
        shown = f" The largest is {place_of(brought, folder)}."
    else:
        what = f"{brought.names / KIB:.1f} KiB of names"
        shown = ""
    return (
        f"the submission brings {what} along (after compression); task {task.id!r} takes "
        f"{most:g} KiB.{shown} The model is trained here, from the data that the grader gives: "
        "leave out weights, tables and texts made beforehand."
    )


def place_of(brought: Brought, folder: Path) -> str:
    """Return where the longest literal stands, and how much it is."""
    size = f"{brought.largest / KIB:.1f} KiB"
    if brought.line == 0:
        return f"the file {brought.file} ({size})"
    cell = read_cells(folder / brought.file).place(brought.line)
    where = cell or f"{brought.file}, line {brought.line}"
    return f"in {where} ({size})"


def too_much_code(brought: Brought, task: Task) -> str:
    """Return why a submission with so much code is refused."""
    return (
        f"the submission has {brought.source / KIB:.1f} KiB of code and data (after compression, "
        f"without comments and docstrings); task {task.id!r} takes "
        f"{task.spec.limits.source_kib:g} KiB. Hand in only the files that this solution needs."
    )
