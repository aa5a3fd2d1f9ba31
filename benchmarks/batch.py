"""How long a class takes: 30 submissions to `neuron`, ten of them broken, in both tiers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from grader.course.curriculum import find_task

GOOD = 20
WRONG = "def weighted_sum(*arguments):\n    {body}\n\n\nneuron = layer = weighted_sum\n"
BROKEN = {
    "no-python": "def neuron(:\n",
    "hangs": WRONG.format(body="while True: pass"),
    "exits": "import os\nos._exit(3)\n",
    "wrong": WRONG.format(body="return 0.0"),
    "raises": WRONG.format(body="raise ValueError('no')"),
    "too-deep": "def f(): f()\nf()\n",
}
TIERS = {
    "process": ["--sandbox", "process", "--trust-submissions"],
    "container": ["--sandbox", "container"],
}


def write_zip(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def write_folder(path: Path, source: str | None) -> None:
    path.mkdir()
    if source is not None:
        (path / "solution.py").write_text(source)


def hand_in(folder: Path, name: str, source: str, layout: int) -> None:
    """Write a right solution as a folder, a script, a notebook, or (the last two) a zip."""
    if layout == 0:
        write_folder(folder / name, source)
    elif layout == 1:
        (folder / f"{name}.py").write_text(source)
    elif layout == 2:
        (folder / f"{name}.ipynb").write_text(notebook_of(source))
    else:
        files = {"solution.py": source, "submission.toml": 'task = "neuron"\n'}
        write_zip(folder / f"neuron-{name}.zip", files)


def notebook_of(source: str) -> str:
    """Return a notebook with one cell."""
    cell = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook)


def make_class(folder: Path) -> int:
    """Fill the folder with submissions and return how many there are."""
    right = (find_task("neuron").reference_folder / "numpy" / "solution.py").read_text("utf-8")
    for number in range(GOOD):
        name = f"student{number:02}"
        source = f"{right}\n# {number}\n"
        hand_in(folder, name, source, layout=number % 5)
    for name, source in BROKEN.items():
        write_folder(folder / name, source)
    write_folder(folder / "empty", None)
    (folder / "no-zip.zip").write_bytes(b"PK")
    (folder / "unknown.rar").write_bytes(b"Rar!")
    write_zip(folder / "climbs.zip", {"../../solution.py": right})
    return len(list(folder.iterdir()))


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "class")
        folder.mkdir()
        count = make_class(folder)
        for tier, options in TIERS.items():
            words = [str(folder), "--task", "neuron", "--results", f"{scratch}/{tier}", *options]
            for what in ("graded", "before"):
                if not measure(tier, words, what, count):
                    break


def measure(tier: str, words: list[str], what: str, count: int) -> bool:
    """Grade the class once and print how long it took; returns whether it could be graded.

    what: the state that every submission has to end in.
    """
    began = time.perf_counter()
    command = [sys.executable, "-m", "grader", "batch", "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        print(f"{tier:<10} not measured: {done.stderr.strip().splitlines()[-1]}")
        return False
    rows = json.loads(done.stdout)["submissions"]
    assert {row["state"] for row in rows} == {what}, done.stdout
    assert len(rows) == count, done.stdout
    assert sum(row["verdict"] == "accepted" for row in rows) == GOOD, done.stdout
    pace = 60 * count / seconds
    print(f"{tier:<10} {what:<7} {count} in {seconds:5.1f} s: {pace:4.0f} a minute")
    return True


if __name__ == "__main__":
    main()
