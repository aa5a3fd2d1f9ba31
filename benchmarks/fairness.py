"""Is the speed ratio right and steady? Par against itself, quiet and beside a busy process.

Needs MNIST in GRADER_DATA. Par is trained for one epoch on a part of the data: speed does not
depend on skill.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.boxes import SECONDS, SETTINGS, edited, open_box
from grader.course.curriculum import find_task
from grader.course.dataset import Dataset, data_folder
from grader.course.datasets import mnist
from grader.course.score import ratio_share
from grader.exams.timing import figures, stopwatch
from grader.exams.timing.par import null_submission
from grader.exams.trained_exam import LATENCY_SECONDS, LATENCY_SHARE
from grader.records import Measured
from grader.sandbox.box import Box

SELF_RUNS = 20
GRADINGS = 10
TRAINED_ON = {"own": 3000, "par": 512}
BUSY = "while True: sum(range(100_000))"


def one_ratio(own_box: Box, par_box: Box, null_box: Box, inputs: np.ndarray) -> Measured | None:
    """Return the speed ratio of one timed phase over all inputs, as the exam measures it."""
    task = find_task("mnist")
    order = np.random.default_rng().permutation(len(inputs))
    own, par, null = (
        stopwatch.Side(name, box, np.empty((len(inputs), 10), dtype=np.float32))
        for name, box in (("own", own_box), ("par", par_box), ("null", null_box))
    )
    limit = task.spec.limits.call_seconds
    singles = int(len(inputs) * LATENCY_SHARE)
    with stopwatch.timed_on_cores([own_box, par_box, null_box], 1):
        latency = stopwatch.Phase("latency", 1, 0, singles)
        timings = [
            stopwatch.run_phase(latency, inputs[order], own, par, null, limit, LATENCY_SECONDS)
        ]
        throughput = stopwatch.Phase("throughput", task.spec.batch, own.position, len(inputs))
        timings.append(stopwatch.run_phase(throughput, inputs[order], own, par, null, limit))
    return figures.speed_ratio(timings, np.random.default_rng())


def report(title: str, ratios: list[Measured]) -> None:
    covered = sum((ratio.low or 0) <= 1 <= (ratio.high or 0) for ratio in ratios)
    values = [ratio.value for ratio in ratios]
    points = [find_task("mnist").spec.scoring.points.speed * ratio_share(value) for value in values]
    print(" ".join(f"{ratio.value:.3f} [{ratio.low:.3f} {ratio.high:.3f}]" for ratio in ratios))
    print(
        f"{title}: median {statistics.median(values):.3f}, "
        f"from {min(values):.3f} to {max(values):.3f}; "
        f"interval covers 1 in {covered} of {len(ratios)}; "
        f"speed points {statistics.mean(points):.2f}, "
        f"standard deviation {statistics.stdev(points):.2f}",
        flush=True,
    )


def gradings(count: int, folder: Path, null: Box, dataset: Dataset) -> list[Measured]:
    """Return the ratio of par to itself, each time between two fresh boxes."""
    ratios = []
    for _ in range(count):
        with open_box(folder, cores=2) as own, open_box(folder, cores=2) as beside:
            for box, examples in ((own, TRAINED_ON["own"]), (beside, TRAINED_ON["par"])):
                box.train(
                    [dataset.train_inputs[:examples], dataset.train_labels[:examples]],
                    SETTINGS,
                    SECONDS,
                )
                box.settle(1)
                box.freeze()
            ratio = one_ratio(own, beside, null, dataset.hidden_inputs)
            if ratio is not None:
                ratios.append(ratio)
    return ratios


def main() -> None:
    dataset = mnist.load(data_folder(None))
    par = find_task("mnist").reference_folder / "cnn"
    with (
        edited(par, {"EPOCHS = 4": "EPOCHS = 1"}) as folder,
        open_box(null_submission().folder) as null,
    ):
        null.train([dataset.train_inputs[:512], dataset.train_labels[:512]], SETTINGS, SECONDS)
        null.settle(1)
        null.freeze()
        report(
            f"par against itself, quiet, {GRADINGS} gradings",
            gradings(GRADINGS, folder, null, dataset),
        )
        busy = subprocess.Popen([sys.executable, "-c", BUSY])
        try:
            loaded = gradings(SELF_RUNS, folder, null, dataset)
        finally:
            busy.kill()
            busy.wait()
        report(f"par against itself, beside a busy process, {SELF_RUNS} gradings", loaded)


if __name__ == "__main__":
    main()
