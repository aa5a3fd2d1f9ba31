"""What honest models lose when hidden inputs are asked in changed copies ([hidden] changed).

    python -m benchmarks.hidden_changes TASK[/NAME] ...

Each reference of these tasks is trained once and asked every hidden input as it was published, then
changed copies of all of them, drawn anew three times. Nothing here depends on seconds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from grader.course.curriculum import Task, find_task
from grader.course.dataset import data_folder
from grader.exams.kinds import classification
from grader.exams.session import Session
from grader.intake.submission import open_submission
from grader.sandbox.box import Box
from grader.sandbox.process import ProcessSandbox

PATIENCE = 10  # times the budget: a busy machine is no reason to stop a training here
DRAWS = 3
HEAD = (
    "| task | reference | as published | changed | points lost, in three draws |\n"
    "| --- | --- | --- | --- | --- |"
)


def rights(box: Box, inputs: np.ndarray, labels: np.ndarray, task: Task) -> float:
    """Ask every input once and return the accuracy."""
    spec = task.spec
    right = 0
    for start in range(0, len(inputs), spec.batch):
        part = slice(start, start + spec.batch)
        scores, _ = box.predict(inputs[part], spec.classes, spec.limits.call_seconds)
        right += int((scores.argmax(axis=1) == labels[part]).sum())
    return right / len(inputs)


def row(task: Task, reference: Path) -> str:
    """Train a reference once and return its line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        submission, _ = open_submission(
            reference, Path(folder), task_id=task.id, author="benchmark"
        )
        with Session(task, submission, ProcessSandbox(), with_par=False) as session:
            exam = classification.Kind(session)
            box = exam.train_patiently(data_folder(None), PATIENCE)
            published = exam.published
            labels = published.hidden_labels
            before = rights(box, published.hidden_inputs, labels, task)
            after = []
            for _ in range(DRAWS):
                copies = classification.changed_copies(session, published.hidden_inputs)
                after.append(rights(box, copies, labels, task))
    lost = ", ".join(f"{100 * (before - each):+.2f}" for each in after)
    mean = float(np.mean(after))
    return f"| {task.id} | {reference.name} | {before:.2%} | {mean:.2%} | {lost} |"


def main() -> None:
    names = sys.argv[1:] or ["digits"]
    print(HEAD)
    for name in names:
        task_id, _, wanted = name.partition("/")
        task = find_task(task_id)
        for reference in task.references:
            if wanted in ("", reference.name):
                print(row(task, reference), flush=True)


if __name__ == "__main__":
    main()
