"""Grade every reference and write reference/RESULTS.md: `make references [TASK ...]`. Measured figures only."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from grader.curriculum import Task, all_tasks
from grader.datasets.dataset import data_folder, dataset_states
from grader.machine import describe_machine, noise_reason
from grader.pipeline import grade
from grader.records import Result
from grader.sandbox.process_sandbox import ProcessSandbox
from grader.submission import open_submission

TARGET = Path(__file__).resolve().parent.parent / "reference" / "RESULTS.md"
RUNS, LONG_RUNS = 3, 1
LONG_SECONDS = 60  # of training budget
MIB = 1 << 20
HEAD = """# What the references reach

Made by `make references`: every reference graded n times as a submission, in a `process` box. Accuracy, training
and memory are medians with the lowest and the highest; ratios are to the task's par, in the same run.

Machine: {machine}. {noise}

| task | reference | n | verdict | score | metric | training | peak memory | speed ratio | memory ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def spread(results: list[Result], name: str, scale: float, digits: int, unit: str) -> str:
    """Return "median unit (lowest to highest)" of one figure, or a dash."""
    values = [result.measurements[name].value * scale for result in results if name in result.measurements]
    if not values:
        return "-"
    middle, low, high = (f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{middle}{unit}" if low == high else f"{middle}{unit} ({low} to {high})"


def runs_of(task: Task) -> int:
    """Return how often a reference is graded: once where training may take minutes."""
    long = task.spec.budget is not None and task.spec.budget.cpu_seconds > LONG_SECONDS
    return LONG_RUNS if long else RUNS


def row(task: Task, name: str, results: list[Result]) -> str:
    verdicts = ", ".join(sorted({result.verdict.status.value for result in results}))
    scores = [result.score.total for result in results if result.score is not None]
    cells = [
        task.id,
        name,
        str(len(results)),
        verdicts,
        f"{statistics.median(scores):.1f}" if scores else "-",
        spread(results, task.spec.scoring.metric, 100, 2, " %"),
        spread(results, "train_seconds", 1, 1, " s"),
        spread(results, "peak_memory_bytes", 1 / MIB, 0, " MiB"),
        spread(results, "speed_ratio", 1, 2, ""),
        spread(results, "memory_ratio", 1, 2, ""),
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    machine = describe_machine()
    chosen = [task for task in all_tasks() if not sys.argv[1:] or task.id in sys.argv[1:]]
    states = dataset_states(data_folder(None))
    lines = []
    for task in chosen:
        if task.spec.dataset and not states[task.spec.dataset].startswith("ready"):
            sys.exit(f"{task.id}: {states[task.spec.dataset]}")
        for reference in task.references:
            results = []
            for _ in range(runs_of(task)):
                with tempfile.TemporaryDirectory() as folder:
                    submission, _ = open_submission(reference, Path(folder), task_id=task.id, author="reference")
                    results.append(grade(submission, task, ProcessSandbox(), Path(folder) / "results"))
            lines.append(row(task, reference.name, results))
            print(lines[-1], flush=True)
    about = f"{machine.cpu}, {machine.cores} cores, {machine.memory_bytes / (1 << 30):.0f} GiB, Python {machine.python}"
    noise = noise_reason()
    head = HEAD.format(machine=about, noise=f"While it ran, {noise}." if noise else "It was quiet.")
    if not sys.argv[1:]:
        TARGET.write_text(head + "\n".join(lines) + "\n", "utf-8")
        print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
