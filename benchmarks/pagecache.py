"""Does the page cache decide a score? The same submission with and without its files in it.

Dropping it needs root and takes it from everybody on this computer. "unwarmed" is what the box
would be charged if nobody had filled the cache before: the figure the filling is for.
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from benchmarks.boxes import SECONDS
from grader.course.curriculum import find_task
from grader.course.datasets import digits
from grader.errors import GraderError
from grader.sandbox.box import MIB, Limits
from grader.sandbox.choose import choose_sandbox

DROP = Path("/proc/sys/vm/drop_caches")
ROUNDS = 3
ALLOWED_SHARE = 0.03
SETTINGS = {"num_classes": 10, "seed": 1, "device": "cpu", "dataset": "digits"}


def peak_mib(tier: str, *, cold: bool, warmed: bool = True) -> float:
    """Return the peak in MiB of a box that trains the small network of `digits`."""
    sandbox = choose_sandbox(tier, "classification")
    folder = find_task("digits").reference_folder / "simple_nn"
    data = digits.load(Path())
    if cold:
        os.sync()
        DROP.write_text("3")
    if warmed:
        sandbox.warm()
    with sandbox.open(folder, Limits(memory_bytes=4096 * MIB)) as box:
        box.hello(seed=1, num_classes=10, deadline_seconds=SECONDS)
        box.load(folder, "solution.py", "model", SECONDS)
        box.train([data.train_inputs, data.train_labels], SETTINGS, SECONDS)
        peak = box.peak_memory()
    assert peak is not None
    return peak.value / MIB


def main() -> None:
    if not os.access(DROP, os.W_OK):
        print("dropping the page cache needs root")
        return
    for tier in ("process", "container"):
        try:
            peak_mib(tier, cold=False)
        except GraderError as error:
            print(f"{tier}: {error}")
            continue
        hot = []
        cold = []
        for _ in range(ROUNDS):
            hot.append(peak_mib(tier, cold=False))
            cold.append(peak_mib(tier, cold=True))
        unwarmed = peak_mib(tier, cold=True, warmed=False)
        ratio = statistics.median(cold) / statistics.median(hot)
        spread = max(hot + cold) / min(hot + cold)
        verdict = "within" if abs(ratio - 1) < ALLOWED_SHARE else "OUTSIDE"
        print(
            f"{tier:<10} in the cache {statistics.median(hot):.1f} MiB, "
            f"dropped {statistics.median(cold):.1f} MiB: ratio {ratio:.3f} "
            f"(largest to smallest of {2 * ROUNDS}: {spread:.3f}); unwarmed {unwarmed:.1f} MiB  "
            f"{verdict} 3 %"
        )


if __name__ == "__main__":
    main()
