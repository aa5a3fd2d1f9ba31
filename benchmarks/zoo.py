"""Who gets through: checks every program of a folder and prints what becomes of each.

    python -m benchmarks.zoo FOLDER [--task mnist] [--sandbox process]

Each file and each folder in FOLDER is one submission. A program may say in its first line what it
is for and what is expected of it, as those in tests/data/zoo do:

    # zoo: mnist | graded
    # zoo: mnist | graded | note: there is no GPU
    # zoo: cifar10 | refused: no pretrained weights

A program that says nothing is checked for --task, and counts as expected to be graded. Printed are
the programs that got through, the others by the kind of their refusal, and shares. What a program
does is rehearsed on stand-ins, as `grader check` does it; nothing is downloaded or scored.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.commands.parts.checking import check_submission
from grader.errors import SubmissionRefused
from grader.exams.session import Silent

MARK = "# zoo:"
SUFFIXES = (".py", ".ipynb")
REFUSED = "refused before it ran"
SHOWN = 300  # characters of a reason


@dataclass(frozen=True)
class Expected:
    """What a program says about itself in its first line."""

    task: str
    refusal: str | None = None  # what the reason must hold; None: it is graded
    note: str = ""  # what a note beside the result must hold


@dataclass(frozen=True)
class Fate:
    """What became of a program."""

    name: str
    is_ready: bool
    kind: str  # of the refusal; empty where there is none
    reason: str
    notes: tuple[str, ...] = ()
    accuracy: float | None = None

    def is_as(self, expected: Expected) -> bool:
        """Whether this is what the program said would become of it."""
        if expected.refusal is not None:
            return not self.is_ready and expected.refusal in self.reason
        return self.is_ready and any(expected.note in each for each in ("", *self.notes))


def programs(folder: Path) -> Iterator[Path]:
    """Yield the submissions of a folder: scripts, notebooks, and folders that hold some."""
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES or (path.is_dir() and first_line(path)):
            yield path


def first_line(path: Path) -> str:
    """Return the line in which a program says what it is for, else its first one."""
    files = [path] if path.is_file() else sorted(path.glob("*.py")) + sorted(path.glob("*.ipynb"))
    lines = [line_of(file) for file in files]
    said = [line for line in lines if line.startswith(MARK)]
    return (said or lines or [""])[0]


def line_of(file: Path) -> str:
    """Return the first line of a script, or of a notebook's first code cell."""
    text = file.read_text("utf-8", "replace")
    if file.suffix == ".ipynb":
        try:
            cells = [each for each in json.loads(text)["cells"] if each["cell_type"] == "code"]
            text = "".join(cells[0]["source"])
        except (ValueError, KeyError, IndexError, TypeError):
            text = ""
    return (text.lstrip("\ufeff").splitlines() or [""])[0] or "#"


def expected_of(path: Path, task: str) -> Expected:
    """Return what a program says about itself; without a word it is to be graded for `task`."""
    line = first_line(path)
    if not line.startswith(MARK):
        return Expected(task)
    parts = [part.strip() for part in line.removeprefix(MARK).split("|")]
    found = {name: text.strip() for name, _, text in (part.partition(":") for part in parts[1:])}
    return Expected(parts[0], found.get("refused"), found.get("note", ""))


def fate_of(path: Path, task: str, sandbox: str = "process") -> Fate:
    """Check one program, without advice."""
    with tempfile.TemporaryDirectory(prefix="zoo-") as scratch:
        try:
            checked = check_submission(
                path,
                Path(scratch),
                task_id=task,
                sandbox_name=sandbox,
                progress=Silent(),
                advising=False,
            )
        except SubmissionRefused as refused:
            return Fate(path.name, False, REFUSED, str(refused))
    outcome = checked.outcome
    accuracy = outcome.measurements.get("accuracy")
    failure = outcome.failure
    return Fate(
        path.name,
        checked.ready,
        "" if failure is None else str(failure.code),
        "" if failure is None else failure.reason,
        tuple(outcome.notes),
        None if accuracy is None else accuracy.value,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zoo")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("tests/data/zoo"))
    parser.add_argument("--task", default="mnist")
    parser.add_argument("--sandbox", default="process")
    asked = parser.parse_args()
    refused: dict[str, list[Fate]] = defaultdict(list)
    ready = as_said = count = 0
    for path in programs(asked.folder):
        expected = expected_of(path, asked.task)
        fate = fate_of(path, expected.task, asked.sandbox)
        count += 1
        ready += fate.is_ready
        as_said += fate.is_as(expected)
        mark = "graded " if fate.is_ready else "refused"
        surprise = "" if fate.is_as(expected) else "   <- not what it says of itself"
        print(f"{mark} {fate.name}{surprise}", flush=True)
        for note in fate.notes:
            print(f"          note: {note}")
        if not fate.is_ready:
            refused[fate.kind].append(fate)
    for kind, fates in sorted(refused.items(), key=lambda pair: -len(pair[1])):
        print(f"\n{kind}: {len(fates)}")
        for fate in fates:
            print(f"  {fate.name}: {fate.reason[:SHOWN]}")
    print(f"\n{ready} of {count} got through; {as_said} of {count} as they say of themselves")


if __name__ == "__main__":
    main()
