"""How much programs bring along: code, texts and numbers, and names, after compression.

    python -m benchmarks source              every reference and starter
    python -m benchmarks.source FOLDER ...   each program below these folders, by itself

The bounds of a task ([limits] source_kib and literals_kib) have to lie above all of them. Programs
are read, not run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from grader.course.curriculum import all_tasks
from grader.course.task_file import LimitsTable
from grader.errors import SubmissionRefused
from grader.intake.archives import script_of_notebook
from grader.intake.brought_along import KIB, Brought, weigh

SIZES = ("source", "literals", "names")
PERCENTILES = (50, 90, 99, 100)


def weigh_ours() -> Iterator[Brought]:
    """Yield how much each reference and starter of a task with a trained model brings along."""
    for task in all_tasks():
        if task.spec.exam == "functions":
            continue
        for folder in (*task.references, task.starter):
            with tempfile.TemporaryDirectory() as scratch:
                yield weigh(folder, Path(scratch) / "box")


def weigh_others(folder: Path) -> Iterator[Brought]:
    """Yield how much each script and notebook below a folder brings along, by itself."""
    files = [path for path in folder.rglob("*") if path.suffix in (".py", ".ipynb")]
    for path in sorted(files):
        with tempfile.TemporaryDirectory() as scratch:
            alone = Path(scratch) / "alone"
            alone.mkdir()
            copy = alone / f"solution{path.suffix}"
            copy.write_bytes(path.read_bytes())
            try:
                if path.suffix == ".ipynb":
                    script_of_notebook(copy, [])
                yield weigh(alone, Path(scratch) / "box")
            except SubmissionRefused as refused:
                print(f"{path}: {refused}")


def table(rows: Sequence[Brought]) -> list[str]:
    """Return percentiles of the sizes in KiB, as the lines of a table."""
    lines = ["| | " + " | ".join(f"{each} %" for each in PERCENTILES) + " | bound |"]
    lines.append("| --- " * (len(PERCENTILES) + 2) + "|")
    limits = LimitsTable()
    for size in SIZES:
        found = np.percentile([getattr(row, size) for row in rows], PERCENTILES) / KIB
        bound = limits.source_kib if size == "source" else limits.literals_kib
        cells = " | ".join(f"{each:.2f}" for each in found)
        lines.append(f"| {size} | {cells} | {bound:g} |")
    return lines


def main() -> None:
    folders = [Path(each) for each in sys.argv[1:]]
    rows = [row for folder in folders for row in weigh_others(folder)]
    if not folders:
        rows = list(weigh_ours())
    print(f"{len(rows)} programs, KiB after compression (the bound is a task's default)")
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
