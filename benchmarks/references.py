"""Grade every reference, write reference/RESULTS.md and a site.

    python -m benchmarks.references [--container] [TASK ...]

Results are kept in build/references/results. What is there for the same files, exam and tier
counts, so the command goes on where it was stopped, and a task that did not change is not graded
again. The table holds measured figures only: a reference without a result has no row, and is named
below the table.

With --container, one reference of each task is graded in a container instead: its par, or
else whichever passes and trains fastest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.commands.parts.site_pages import write_site
from grader.course.curriculum import Task, all_tasks, find_task
from grader.course.dataset import data_folder, dataset_states
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import Result, Status, Tier
from grader.results import store
from grader.sandbox.box import Sandbox
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.process import ProcessSandbox
from grader.terminal.boards import median_and_ends

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "reference" / "RESULTS.md"
KEPT = ROOT / "build" / "references"
RESULTS = {
    Tier.PROCESS: KEPT / "results",
    Tier.CONTAINER: KEPT / "containers",
}  # boards never mix tiers
SITE = KEPT / "site"
WIDE = " ~"  # beside a figure whose interval is too wide to rank by
NOISY = "timings may be noisy"  # how the note of a disturbed run begins
RUNS = 3
LONG_RUNS = 1
IN_CONTAINERS = ("train_seconds", "peak_memory_bytes")
FIGURES = (*IN_CONTAINERS, "speed_ratio", "memory_ratio")
LONG_SECONDS = 60  # of training budget
HEAD = """# What the references reach

Made by `make references`: every reference graded n times as a submission, in a `process` box. Where
n is more than one, figures are medians, with the lowest and the highest; ratios are to the task's
par, in the same run. ~ marks figures whose 95 % interval is wider than a tenth of their value to
either side: too wide to rank by.
The references' headers say what each one is for.

Machine: {machine}. {noise}

"""
COLUMNS = (
    "| task | reference | n | verdict | score | metric | training | peak memory | speed ratio "
    "| memory ratio |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)
CONTAINERS = """
## In containers

One reference of each task in a Docker container (`python -m benchmarks.references --container`):
its par, or else the one accepted above that trained fastest. Par did not run beside it: what counts
here is the verdict.

| task | reference | n | verdict | metric | training | peak memory |
| --- | --- | --- | --- | --- | --- | --- |
"""


def spread(results: Sequence[Result], name: str) -> str:
    """Return a figure's median, with the lowest and highest where they differ; "-" without one."""
    found = [each.measurements[name] for each in results if name in each.measurements]
    if not found:
        return "-"
    return median_and_ends(found) + (WIDE if any(figure.is_too_wide for figure in found) else "")


def author_of(reference: Path) -> str:
    """Return under whose name it is graded: a board shows the best entry of each author."""
    return reference.name.replace("_", " ")


def runs_of(task: Task) -> int:
    """Return how often a reference is graded: once where training may take minutes."""
    long = task.spec.budget is not None and task.spec.budget.cpu_seconds > LONG_SECONDS
    return LONG_RUNS if long else RUNS


def stored(task: Task, reference: Path, tier: Tier = Tier.PROCESS) -> list[Result]:
    """Return the newest results of these very files, this exam and this tier."""
    with tempfile.TemporaryDirectory() as folder:
        submission, _ = open_submission(
            reference, Path(folder), task_id=task.id, author=author_of(reference)
        )
    wanted = submission.sha256, task.exam_version, tier
    found = []
    for result in store.load_results(RESULTS[tier], task.id)[0]:
        key = result.submission.sha256, result.task.exam_version, result.tier
        if key == wanted and result.score is not None:
            found.append(result)
    return found[-runs_of(task) :]


def for_container(task: Task) -> Path | None:
    """Return the task's par if it is accepted as a process, else who is and is trained soonest.

    None if no reference is accepted.
    """
    trained: dict[Path, float] = {}
    for reference in task.references:
        results = stored(task, reference)
        if not results or results[-1].verdict.status is not Status.ACCEPTED:
            continue
        if reference.name == task.spec.par:
            return reference
        seconds = results[-1].measurements.get("train_seconds")
        trained[reference] = seconds.value if seconds is not None else 0.0
    return min(trained, key=lambda reference: trained[reference], default=None)


def row(task: Task, name: str, results: Sequence[Result], figures: Sequence[str] = FIGURES) -> str:
    """Return a line of the table: the metric, these figures, the score where ratios are shown."""
    verdicts = ", ".join(sorted({result.verdict.status.value for result in results}))
    cells = [task.id, name, str(len(results)), verdicts]
    if figures is FIGURES:
        cells.append(median_score(results))
    cells += [spread(results, each) for each in (results[0].metric_key, *figures)]
    return f"| {' | '.join(cells)} |"


def median_score(results: Sequence[Result]) -> str:
    scores = [result.score.total for result in results if result.score is not None]
    return f"{statistics.median(scores):.1f}" if scores else "-"


def grade_missing(
    task: Task, reference: Path, sandbox: Sandbox, runs: int, *, with_par: bool = True
) -> None:
    """Grade a reference as often as results are missing."""
    for _ in range(runs - len(stored(task, reference, sandbox.tier))):
        with tempfile.TemporaryDirectory() as folder:
            submission, _ = open_submission(
                reference, Path(folder), task_id=task.id, author=author_of(reference)
            )
            result = grade(submission, task, sandbox, RESULTS[sandbox.tier], with_par=with_par)
        reached = result.score.total if result.score is not None else result.verdict.reason
        print(f"{task.id}/{reference.name}: {result.verdict.status.value}, {reached}", flush=True)


def write_table() -> list[str]:
    """Write the table of all that is stored; returns the references without a result."""
    lines: list[str] = []
    boxed: list[str] = []
    missing: list[str] = []
    every: list[Result] = []
    for task in all_tasks():
        chosen = for_container(task)
        in_container = stored(task, chosen, Tier.CONTAINER) if chosen is not None else []
        if chosen is not None and in_container:
            boxed.append(row(task, chosen.name, in_container, IN_CONTAINERS))
        for reference in task.references:
            results = stored(task, reference)
            if results:
                lines.append(row(task, reference.name, results))
            else:
                missing.append(f"{task.id}/{reference.name}")
            every += results
    machines = {about_machine(result) for result in every}
    text = HEAD.format(machine="; ".join(sorted(machines)), noise=how_noisy(every))
    text += COLUMNS + as_lines(lines)
    if boxed:
        text += CONTAINERS + as_lines(boxed)
    if missing:
        text += f"\nNot graded on this machine yet: {', '.join(missing)}.\n"
    TARGET.write_text(text, "utf-8")
    return missing


def as_lines(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def about_machine(result: Result) -> str:
    """Return what decided a result's speed, in words."""
    about = result.machine
    memory = about.memory_bytes / (1 << 30)
    return f"{about.cpu}, {about.cores} cores, {memory:.0f} GiB, Python {about.python}"


def how_noisy(results: Sequence[Result]) -> str:
    """Say in how many runs other programs took the processors."""
    noisy = 0
    for result in results:
        noisy += any(note.startswith(NOISY) for note in result.notes)
    if not noisy:
        return "It was quiet."
    return f"In {noisy} of {len(results)} runs other programs disturbed the timed phase."


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--container", action="store_true", help="one reference of each task, in a container"
    )
    parser.add_argument("task", nargs="*")
    options = parser.parse_args()
    chosen = [find_task(name) for name in options.task] or all_tasks()
    states = dataset_states(data_folder(None))
    for task in chosen:
        if task.spec.dataset and not states[task.spec.dataset].startswith("ready"):
            sys.exit(f"{task.id}: {states[task.spec.dataset]}")
        if options.container:
            reference = for_container(task)
            if reference is not None:
                grade_missing(
                    task, reference, choose_sandbox("container", task.spec.exam), 1, with_par=False
                )
            continue
        for reference in task.references:
            grade_missing(task, reference, ProcessSandbox(), runs_of(task))
    missing = write_table()
    page = write_site(RESULTS[Tier.PROCESS], SITE, latest=False)
    print(f"wrote {TARGET.relative_to(ROOT)}, {len(missing)} references missing; open {page}")


if __name__ == "__main__":
    main()
