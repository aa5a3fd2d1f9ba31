"""How long the commands take, as a user waits for them, and what the demo needs in memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.course.curriculum import find_task

RUNS = 7


def seconds(command: list[str], folder: str, runs: int = RUNS) -> list[float]:
    """Return the wall time of each run of a command, in seconds."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        taken.append(time.perf_counter() - began)
    return taken


def peak_of(command: list[str], folder: str) -> tuple[float, int]:
    """Return wall seconds, and the peak resident bytes of a command's largest process."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{' '.join(command)} failed")
    return time.perf_counter() - began, used.ru_maxrss << 10


def main() -> None:
    grader = [sys.executable, "-m", "grader"]
    function_task = str(find_task("activations").reference_folder / "numpy")
    with tempfile.TemporaryDirectory() as folder:
        for name, command, limit in (
            ("grader --help", [*grader, "--help"], 0.3),
            ("bare python -c pass", [sys.executable, "-c", "pass"], None),
            ("grader run, a function task", [*grader, "run", function_task], 0.5),
        ):
            taken = seconds(command, folder)
            target = f"  (target: <= {limit} s)" if limit else ""
            print(
                f"{name:<32} median {statistics.median(taken):.3f} s  of {RUNS},"
                f" worst {max(taken):.3f} s{target}"
            )
        wall, peak = peak_of([*grader, "demo"], folder)
        print(
            f"{'grader demo':<32} {wall:.1f} s, largest process {peak / (1 << 20):.0f} MiB"
            "  (<= 45 s, <= 2048 MiB)"
        )
        pages = list(Path(folder, "demo/site").rglob("*.html"))
        print(f"{'pages written':<32} {len(pages)}")


if __name__ == "__main__":
    main()
