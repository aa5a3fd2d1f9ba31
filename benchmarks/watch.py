"""How soon `grader watch` answers a save: that it checks, then what the check found."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from grader.course.curriculum import find_task

SAVES = 9
TASK = "activations"
# how a line begins
CHECKING = re.compile(r"\S+ checking ")
VERDICT = re.compile("PASS|FAIL|TODO")


def main() -> None:
    text = (find_task(TASK).reference_folder / "numpy" / "solution.py").read_text("utf-8")
    shown = []
    answered = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "solution.py"
        path.write_text(text, "utf-8")
        command = [sys.executable, "-m", "grader", "watch", folder, "--task", TASK]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True
        ) as watching:
            assert watching.stdout is not None
            until(watching.stdout, VERDICT)
            for save in range(SAVES):
                time.sleep(1.0)
                began = time.perf_counter()
                path.write_text(f"{text}\n# {save}\n", "utf-8")
                until(watching.stdout, CHECKING)
                shown.append(time.perf_counter() - began)
                until(watching.stdout, VERDICT)
                answered.append(time.perf_counter() - began)
            watching.kill()
    for what, taken, limit in (
        ("checking is shown", shown, 0.1),
        ("the answer is shown", answered, 1.0),
    ):
        print(
            f"{what:<20} median {statistics.median(taken):.3f} s after the save of {SAVES}, "
            f"worst {max(taken):.3f} s"
            f" worst {max(taken):.3f} s"
            f"  (target: <= {limit} s)"
        )


def until(lines: IO[str], beginning: re.Pattern[str]) -> None:
    """Read lines up to the first that begins so; RuntimeError where the program ends before."""
    for line in lines:
        if beginning.match(line):
            return
    raise RuntimeError(f"grader watch ended before it showed {beginning.pattern}")


if __name__ == "__main__":
    main()
