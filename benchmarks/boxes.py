"""What a container costs more than a process; and boxes for benchmarks, opened without an exam.

The same submissions are graded in both tiers in turns. Par is graded and kept beforehand. On a
machine that others use, every run takes as long as they let it: the quietest pair says more than
the median then.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from grader.course.curriculum import find_task
from grader.exams.timing import stopwatch
from grader.exams.timing.par import null_submission
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import Status
from grader.sandbox.box import MIB, Box, Limits
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.process import ProcessSandbox
from grader.sandbox.transport import SOCKET, STDIO, VARIABLE

SECONDS = 300.0
TEST_TASKS = Path(__file__).resolve().parent.parent / "tests" / "data" / "tasks"
GRADED = (
    ("activations", "numpy"),
    ("digits", "linear"),
    ("digits-par", "random_features"),
)  # the last one has par
RUNS = 5
ALLOWED_SECONDS = 2.5
ROUND_TRIPS = 400
ROUNDS = 9
ALLOWED_MICROSECONDS = 45.0
SETTINGS = {"num_classes": 10, "seed": 1, "device": "cpu", "dataset": "mnist"}


@contextmanager
def open_box(folder: Path, *, cores: int = 1, memory_mib: int = 8192) -> Iterator[Box]:
    """Give a box with the solution in `folder` loaded."""
    sandbox = ProcessSandbox()
    sandbox.warm()
    limits = Limits(memory_bytes=memory_mib * MIB, cores=cores, file_bytes=4096 * MIB)
    with sandbox.open(folder, limits) as box:
        box.hello(seed=1, num_classes=10, deadline_seconds=SECONDS)
        box.load(folder, "solution.py", "model", SECONDS)
        yield box


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random images like MNIST's, with labels."""
    draw = np.random.default_rng(0)
    labels = np.arange(count, dtype=np.int64) % 10
    return draw.integers(0, 256, size=(count, 28, 28), dtype=np.uint8), labels


@contextmanager
def edited(source: Path, replacements: dict[str, str]) -> Iterator[Path]:
    """Give a copy of a solution folder with texts of its solution.py replaced; each must occur."""
    folder = Path(tempfile.mkdtemp(prefix="grader-bench-"))
    try:
        text = (source / "solution.py").read_text("utf-8")
        for old, new in replacements.items():
            if old not in text:
                raise ValueError(f"{source}/solution.py has no {old!r}")
            text = text.replace(old, new)
        (folder / "solution.py").write_text(text, "utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def graded_seconds(task_id: str, reference: str, tier: str, results: Path) -> float:
    """Return how long one run takes, from an open submission to a stored result."""
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as scratch:
        path = find_task(task_id).reference_folder / reference
        submission, task = open_submission(
            path, Path(scratch) / "work", task_id=task_id, author="benchmark"
        )
        data = os.environ.get("GRADER_DATA")
        began = time.perf_counter()
        sandbox = choose_sandbox(tier, task.spec.exam)
        result = grade(submission, task, sandbox, results, data_folder=Path(data) if data else None)
        seconds = time.perf_counter() - began
    if result.verdict.status is not Status.ACCEPTED:
        raise RuntimeError(f"{task_id} {reference} in a {tier}: {result.verdict}")
    return seconds


def compare_tiers() -> None:
    os.environ.setdefault("GRADER_TASKS", str(TEST_TASKS))  # adds the one with par
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as folder:
        for task_id, reference in GRADED:
            report_tiers(task_id, taken_by_turns(task_id, reference, Path(folder)))


def taken_by_turns(task_id: str, reference: str, results: Path) -> dict[str, list[float]]:
    """Grade in both tiers by turns, either beginning; returns the seconds of each tier's runs."""
    taken: dict[str, list[float]] = {"process": [], "container": []}
    for run in range(RUNS + 1):
        order = ["container", "process"]
        if run % 2:
            order.reverse()
        for tier in order:
            seconds = graded_seconds(task_id, reference, tier, results)
            # The first run grades par and fills caches.
            if run:
                taken[tier].append(seconds)
    return taken


def report_tiers(task_id: str, taken: dict[str, list[float]]) -> None:
    """Print what a container takes more than a process, by pairs and by the quietest of each."""
    more = [container - process for process, container in zip(*taken.values(), strict=True)]
    median = statistics.median(more)
    quietest = min(taken["container"]) - min(taken["process"])
    verdict = "within" if min(quietest, median) <= ALLOWED_SECONDS else "OVER"
    print(
        f"{task_id:<12} process {statistics.median(taken['process']):5.1f} s, "
        f"container {statistics.median(taken['container']):5.1f} s; "
        f"a container takes {median:+.2f} s (median of {RUNS} pairs), "
        f"{quietest:+.2f} s (the quietest of each)  {verdict} {ALLOWED_SECONDS} s"
    )


def null_microseconds(tier: str) -> list[float]:
    """Return the median round trip of a null runner for one MNIST picture, in us, by round."""
    submission = null_submission()
    medians = []
    inputs, labels = images(ROUND_TRIPS)
    with choose_sandbox(tier, "classification").open(submission.folder, Limits()) as box:
        box.hello(seed=1, num_classes=10, deadline_seconds=SECONDS)
        box.load(submission.folder, submission.file, "model", SECONDS)
        box.train([inputs, labels], SETTINGS, SECONDS)
        box.settle(1)
        with stopwatch.timed_on_cores([box], 1):
            for _ in range(ROUNDS):
                taken = []
                for place in range(ROUND_TRIPS):
                    taken.append(box.predict(inputs[place : place + 1], 10, SECONDS)[1])
                medians.append(float(np.median(taken)) / 1000)
    return medians


def measure_nulls() -> None:
    """Print the round trip on each way to a box; what the environment said before is put back."""
    before = os.environ.pop(VARIABLE, None)
    try:
        for tier, way in (("process", ""), ("container", SOCKET), ("container", STDIO)):
            os.environ[VARIABLE] = way
            report_null(tier, way, null_microseconds(tier))
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def report_null(tier: str, way: str, medians: list[float]) -> None:
    best = min(medians)
    verdict = ""
    if way == SOCKET:
        verdict = "within" if best <= ALLOWED_MICROSECONDS else "OVER"
    print(
        f"null round trip, {tier} {way or 'socket pair':<12} "
        f"p50 {statistics.median(medians):7.1f} us (median of {ROUNDS} rounds), "
        f"{best:7.1f} us (the quietest)  {verdict}"
    )


def main() -> None:
    measure_nulls()
    compare_tiers()


if __name__ == "__main__":
    main()
