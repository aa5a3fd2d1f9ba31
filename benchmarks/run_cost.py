"""Where the time of `grader run` and `grader check` on a function task goes, phase by phase.

Each round runs both commands, `grader --help` and `python -c "import numpy"` in turn, so that a
busy minute slows all of them. The ratio to importing NumPy says more than the seconds: it is nearly
the same on a fast and on a slow computer.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.course.curriculum import find_task

ROUNDS = 9
PHASES = ("until the box starts", "until it is loaded", "the cases", "storing", "the rest")
# Runs a command of the grader and says, as JSON, when it came how far: a list of [what, moment].
# Moments are those of the monotonic clock, which all processes of a computer share.
PROBE = """
import json, logging, sys, time
seen = []
def note(what):
    seen.append((what, time.monotonic()))
def hook(event, _):
    if event == "subprocess.Popen":
        note("process")
sys.addaudithook(hook)
class Notes(logging.Handler):
    def emit(self, record):
        note(record.getMessage().split()[0])
from grader import cli
for room in ("grader.exams", "grader.grading"):
    logging.getLogger(room).addHandler(Notes())
    logging.getLogger(room).setLevel(logging.INFO)
sys.argv = ["grader", *sys.argv[1:]]
try:
    cli.main()
finally:
    print(json.dumps(seen), file=sys.stderr)
"""


def phases_of(words: list[str], folder: str) -> list[float]:
    """Run a command of the grader, and return the seconds of each of PHASES."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    ended = time.monotonic()
    moments: dict[str, float] = {}
    for what, moment in json.loads(done.stderr.splitlines()[-1]):
        moments.setdefault(what, moment)
    closed = moments["closed"]
    marks = [began, moments["process"], moments["loaded"], closed]
    marks += [moments.get("stored", closed), ended]
    return [after - before for before, after in itertools.pairwise(marks)]


def seconds_of(command: list[str], folder: str) -> float:
    """Run a command and return its wall seconds."""
    began = time.monotonic()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return time.monotonic() - began


def main() -> None:
    solution = str(find_task("neuron").reference_folder / "numpy")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADER_RESULTS"] = str(Path(folder) / "results")
        numpy: list[float] = []
        helps: list[float] = []
        found: dict[str, list[list[float]]] = {"run": [], "check": []}
        for _ in range(ROUNDS):
            numpy.append(seconds_of([sys.executable, "-c", "import numpy"], folder))
            helps.append(seconds_of([sys.executable, "-m", "grader", "--help"], folder))
            for command, rows in found.items():
                rows.append(phases_of([command, solution], folder))
    unit = statistics.median(numpy)
    print(f"python -c 'import numpy'  median {unit:.3f} s of {ROUNDS}")
    print(f"grader --help             median {statistics.median(helps):.3f} s")
    for command, rows in found.items():
        whole = [sum(row) for row in rows]
        middle = statistics.median(whole)
        print(
            f"\ngrader {command:<18} median {middle:.3f} s, best {min(whole):.3f} s,"
            f" {middle / unit:.1f} times import numpy"
        )
        for name, column in zip(PHASES, zip(*rows, strict=True), strict=True):
            print(f"  {name:<22} {statistics.median(column):.3f} s")


if __name__ == "__main__":
    main()
