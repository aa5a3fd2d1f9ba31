"""Is an honest submission ever flagged? Every honest classifier here, trained three times, each examined twenty times.

A training is examined as in a run without par: all hidden inputs in fresh order, then the audits with fresh draws. The
planted cheats, which need no training, are examined as often as they are trained. What needs MNIST,
Fashion-MNIST, IMDB or CIFAR-10 runs where GRADER_DATA has them; what takes minutes to train is trained once and
examined three times. Nothing here depends on seconds: it may run on a busy machine.
"""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from grader import stopwatch
from grader.curriculum import Task, find_task
from grader.datasets.dataset import data_folder, dataset_states, find_dataset
from grader.errors import SubmissionFailed
from grader.exams import audits
from grader.exams.classification import accuracy_of, ask_hidden, lesson, sliver
from grader.exams.exam import Session
from grader.exams.training import Companions, budget_seconds, teach
from grader.records import Measured, Submission
from grader.sandbox.process_sandbox import ProcessSandbox
from grader.score import FLAG_SIGMAS, SIGMAS95, flag_of
from grader.submission import open_submission

TRAININGS, EXAMS = 3, 20
SLOW_TRAININGS, SLOW_EXAMS = 1, 3
PATIENCE = 10  # times the budget: a busy machine is no reason to stop a training here
PLANTED = Path(__file__).resolve().parent.parent / "tests" / "submissions" / "digits"
CHEATS_ACCEPTED = {"exact_table_beside_neighbours"}  # no audit that is always held can tell these
TIMED = {"perturbed_gap", "repeat_gap", "batch_gap"}
HEAD = (
    "| solution | data | accuracy | flagged | perturbed gap, largest | room | repeat gap, largest "
    "| batch gap, largest | told of a mistake |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)

Figures = dict[str, Measured]


def honest() -> Iterator[tuple[Path, Task]]:
    """Return the honest classifiers: references and planted ones, with the task whose questions they get."""
    digits, mnist = find_task("digits"), find_task("mnist")
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
    """Return the references that take minutes: readers of reviews and networks for photographs, where these are."""
    states = dataset_states(data_folder(None))
    for task in map(find_task, ("imdb", "cifar10", "small-and-fast")):
        if states[task.spec.dataset].startswith("ready"):
            for path in task.references:
                yield path, task


def examined(submission: Submission, task: Task, exams: int) -> Iterator[tuple[Figures, tuple[str, ...]]]:
    """Train once and yield the figures and notes of each exam."""
    module = find_dataset(task.spec.dataset)
    dataset = module.load(data_folder(None))
    with Session(task, submission, ProcessSandbox(), with_par=False) as session:
        box = session.open()
        teach(session, box, submission, lesson(dataset), budget=PATIENCE * budget_seconds(session))
        for _ in range(exams):
            order = session.draw.permutation(len(dataset.hidden_inputs))
            inputs, labels = dataset.hidden_inputs[order], dataset.hidden_labels[order]
            side = stopwatch.Side("submission", box, np.empty((len(inputs), task.spec.classes), np.float32))
            side, timings = ask_hidden(session, side, Companions(session, sliver(dataset), None), inputs)
            timed = audits.Timed(inputs, labels, side.scores, timings[1].phase.first)
            figures, notes = audits.audit(session, box, timed, module.perturb)
            yield accuracy_of(side.scores, labels) | figures, notes


def room(figures: Figures, task: Task) -> float:
    """Return how much further the perturbed gap's lower end may rise before it is flagged, as a share."""
    gap = figures["perturbed_gap"]
    sigma = (gap.value - (gap.low if gap.low is not None else gap.value)) / SIGMAS95
    return task.spec.scoring.audit.max_gap + 1 - figures["accuracy"].value - (gap.value - FLAG_SIGMAS * sigma)


def row(name: str, task: Task, seen: list[tuple[Figures, tuple[str, ...]]]) -> tuple[str, Counter[str]]:
    """Return a line of the table, and the codes of what was flagged."""
    flags = Counter(
        failure.code for figures, _ in seen if (failure := flag_of(task.spec.scoring.audit, figures)) is not None
    )
    largest = {key: max(figures[key].value for figures, _ in seen) for key in TIMED}
    middle = statistics.median(figures["perturbed_gap"].value for figures, _ in seen)
    codes = f" ({', '.join(sorted(flags))})" if flags else ""
    cells = [
        name,
        task.spec.dataset,
        f"{100 * statistics.median(figures['accuracy'].value for figures, _ in seen):.2f} %",
        f"{flags.total()} of {len(seen)}{codes}",
        f"{100 * middle:+.2f}, {100 * largest['perturbed_gap']:+.2f}",
        f"{100 * min(room(figures, task) for figures, _ in seen):.2f}",
        f"{100 * largest['repeat_gap']:+.2f}",
        f"{100 * largest['batch_gap']:+.2f}",
        f"{sum(bool(notes) for _, notes in seen)} of {len(seen)}",
    ]
    return "| " + " | ".join(cells) + " |", flags


def examine_all(solutions: Iterator[tuple[Path, Task]], trainings: int, exams: int) -> tuple[int, int]:
    """Print a line for each solution; return how many exams were flagged, and of how many."""
    flagged = total = 0
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
        line, flags = row(path.name, task, seen)
        print(line, flush=True)
        flagged, total = flagged + flags.total(), total + len(seen)
    return flagged, total


def main() -> None:
    flagged, total = examine_all(honest(), TRAININGS, EXAMS)
    more = examine_all(slow_ones(), SLOW_TRAININGS, SLOW_EXAMS)
    print(f"honest: {flagged + more[0]} of {total + more[1]} exams flagged (asked for: none)\n")
    digits = find_task("digits")
    cheats = [*sorted((PLANTED / "flagged").iterdir()), *(PLANTED / "accepted" / name for name in CHEATS_ACCEPTED)]
    flagged, total = examine_all(((path, digits) for path in cheats if (path / "solution.py").is_file()), EXAMS, 1)
    print(f"planted cheats, without the retraining audit: {flagged} of {total} exams flagged")


if __name__ == "__main__":
    main()
