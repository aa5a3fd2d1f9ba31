"""Is an honest submission ever flagged, capped or called mistaken?

    python -m benchmarks.audits [--slow] [NAME ...]

Every honest classifier here is trained three times, and each training examined twenty times, as in
a run without par: all hidden inputs in fresh order, then the doctor's questions and the audits with
fresh draws. The planted cheats, which need no training, are examined as often as they are trained.
What needs MNIST, Fashion-MNIST, IMDB or CIFAR-10 runs where GRADER_DATA has them; what takes
minutes to train is trained once and examined three times, with --slow as often as the others. Names
choose among references, as `cifar10/vit`, or all of a task. Nothing here depends on seconds: it may
run on a busy machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from grader.course.curriculum import Task, find_task
from grader.course.dataset import data_folder, dataset_states
from grader.course.score import FLAG_SIGMAS, flag_of, lost_in_company
from grader.errors import SubmissionFailed
from grader.exams.kinds import classification
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.intake.submission import open_submission
from grader.metrics.statistics import Z95
from grader.records import Measured, Submission
from grader.sandbox.process import ProcessSandbox

TRAININGS = 3
EXAMS = 20
SLOW_TRAININGS = 1
SLOW_EXAMS = 3
SLOW_TASKS = ("imdb", "cifar10", "small-and-fast", "fair-and-robust", "learn-from-little")
PATIENCE = 10  # times the budget: a busy machine is no reason to stop a training here
PLANTED = Path(__file__).resolve().parent.parent / "tests" / "data" / "submissions" / "digits"
CHEATS_ACCEPTED = {"exact_table_beside_neighbours"}  # no audit that is always held can tell these
TIMED = {"perturbed_gap", "fresh_gap", "alone_gap", "repeat_gap", "batch_gap"}
HEAD = (
    "| solution | data | accuracy | flagged | perturbed gap, largest | room | fresh gap, largest "
    "| alone gap, largest | repeat gap, largest | batch gap, largest | got a note on a mistake "
    "| said to contain a mistake |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)

Figures = dict[str, Measured]


class Exam(NamedTuple):
    """What one exam of a trained model brought."""

    figures: Figures
    notes: tuple[str, ...]
    diagnoses: tuple[str, ...]  # "code" of each one that is essential

    def flag(self, task: Task) -> str:
        """Return the code of what it is flagged for, "capped", or nothing."""
        failure = flag_of(task.spec.scoring, self.figures)
        if failure is not None:
            return failure.code
        return "capped" if lost_in_company(self.figures)[1] else ""


def honest() -> Iterator[tuple[Path, Task]]:
    """Yield the honest classifiers, references and planted ones, with the task they are asked."""
    digits = find_task("digits")
    mnist = find_task("mnist")
    for path in (*digits.references, *sorted((PLANTED / "accepted").iterdir())):
        if path.name not in CHEATS_ACCEPTED and (path / "solution.py").is_file():
            yield path, digits
    states = dataset_states(data_folder(None))
    if states["mnist"].startswith("ready"):
        for path in mnist.references:
            yield path, mnist
    if states["fashion-mnist"].startswith("ready"):
        spec = mnist.spec.model_copy(update={"dataset": "fashion-mnist"})
        for name in ("simple_nn", "cnn"):
            yield mnist.reference_folder / name, dataclasses.replace(mnist, spec=spec)


def slow_ones() -> Iterator[tuple[Path, Task]]:
    """Yield the references that take minutes to train, where their data is there."""
    states = dataset_states(data_folder(None))
    for task in map(find_task, SLOW_TASKS):
        if states[task.spec.dataset].startswith("ready"):
            for path in task.references:
                yield path, task


def examined(submission: Submission, task: Task, exams: int) -> Iterator[Exam]:
    """Train once and yield what each exam brought."""
    with Session(task, submission, ProcessSandbox(), with_par=False) as session:
        exam = classification.Kind(session)
        box = exam.train_patiently(data_folder(None), PATIENCE)
        for _ in range(exams):
            exam.outcome = Outcome()
            exam.ask_alone(box)
            exam.diagnose(box)
            figures = exam.judge(box) | exam.audit(box)
            found = exam.outcome.diagnoses
            named = tuple(each.code for each in found if each.severity == "essential")
            yield Exam(figures, tuple(exam.outcome.notes), named)


def room(figures: Figures, task: Task) -> float:
    """Return the share by which the perturbed gap's lower end may rise until it is flagged."""
    gap = figures["perturbed_gap"]
    low = gap.value if gap.low is None else gap.low
    sigma = (gap.value - low) / Z95
    allowed = task.spec.scoring.audit.max_gap + 1 - figures["accuracy"].value
    return allowed - (gap.value - FLAG_SIGMAS * sigma)


def row(name: str, task: Task, seen: list[Exam]) -> tuple[str, int, int]:
    """Return a line of the table, and how many exams flagged it and called it mistaken."""
    flags = Counter(flag for each in seen if (flag := each.flag(task)))
    named = Counter(code for each in seen for code in each.diagnoses)
    mistaken = sum(bool(each.diagnoses) for each in seen)
    figures = [each.figures for each in seen]
    largest = {key: max(each[key].value for each in figures) for key in TIMED}
    middle = statistics.median(each["perturbed_gap"].value for each in figures)
    cells = [
        name,
        task.id,
        f"{100 * statistics.median(each['accuracy'].value for each in figures):.2f} %",
        f"{flags.total()} of {len(seen)}{codes_of(flags)}",
        f"{100 * middle:+.2f}, {100 * largest['perturbed_gap']:+.2f}",
        f"{100 * min(room(each, task) for each in figures):.2f}",
        f"{100 * largest['fresh_gap']:+.2f}",
        f"{100 * largest['alone_gap']:+.2f}",
        f"{100 * largest['repeat_gap']:+.2f}",
        f"{100 * largest['batch_gap']:+.2f}",
        f"{sum(bool(each.notes) for each in seen)} of {len(seen)}",
        f"{mistaken} of {len(seen)}{codes_of(named)}",
    ]
    return "| " + " | ".join(cells) + " |", flags.total(), mistaken


def codes_of(found: Counter[str]) -> str:
    return f" ({', '.join(sorted(found))})" if found else ""


def examine_all(solutions: Iterable[tuple[Path, Task]], trainings: int, exams: int) -> np.ndarray:
    """Print a line for each solution; return how many exams flagged, called mistaken, were held.

    int64 (3,).
    """
    counts = np.zeros(3, dtype=np.int64)
    print(HEAD)
    for path, task in solutions:
        seen = []
        with tempfile.TemporaryDirectory() as folder:
            submission, _ = open_submission(path, Path(folder), task_id=task.id, author="benchmark")
            for _ in range(trainings):
                try:
                    seen += list(examined(submission, task, exams))
                except SubmissionFailed as failed:
                    print(f"{path.name}: {failed}")
        if not seen:
            continue
        line, flagged, mistaken = row(path.name, task, seen)
        print(line, flush=True)
        counts += flagged, mistaken, len(seen)
    return counts


def chosen(solutions: Iterator[tuple[Path, Task]], names: list[str]) -> list[tuple[Path, Task]]:
    """Return the solutions that are named, as `task` or `task/name`; all where none is."""
    if not names:
        return list(solutions)
    return [each for each in solutions if names_of(*each) & set(names)]


def names_of(path: Path, task: Task) -> set[str]:
    """Return the names by which a solution can be chosen."""
    return {task.id, f"{task.id}/{path.name}"}


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks audits")
    parser.add_argument("names", nargs="*")
    parser.add_argument(
        "--slow", action="store_true", help="train what takes minutes as often as the others"
    )
    words = parser.parse_args(arguments)
    counts = examine_all(chosen(honest(), words.names), TRAININGS, EXAMS)
    often = (TRAININGS, EXAMS) if words.slow else (SLOW_TRAININGS, SLOW_EXAMS)
    counts += examine_all(chosen(slow_ones(), words.names), *often)
    print(
        f"honest: {counts[0]} of {counts[2]} exams flagged or capped, {counts[1]} said to contain "
        "a mistake (target: none)\n"
    )
    if words.names:
        return
    digits = find_task("digits")
    cheats = [
        *sorted((PLANTED / "flagged").iterdir()),
        *(PLANTED / "accepted" / name for name in CHEATS_ACCEPTED),
    ]
    counts = examine_all(
        ((path, digits) for path in cheats if (path / "solution.py").is_file()), EXAMS, 1
    )
    print(f"planted cheats, without the retraining audit: {counts[0]} of {counts[2]} exams flagged")


if __name__ == "__main__":
    main(sys.argv[1:])
