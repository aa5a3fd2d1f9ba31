"""What the doctor costs in time: `python -m benchmarks.doctor.cost`.

The references of digits and MNIST are asked in plain processes. Each is trained on a sliver, which
does not change how fast it answers. MNIST's run where GRADER_DATA has it.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from grader.course.curriculum import Task, find_task
from grader.course.dataset import data_folder, dataset_states, find_dataset
from grader.doctor.diagnose import diagnose
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.probes.classifier import probe_classifier
from grader.doctor.source import read_source
from grader.exams.kinds.classification import sliver
from grader.exams.session import Session
from grader.exams.teaching import budget_seconds, load_model, train_model
from grader.intake.submission import open_submission
from grader.sandbox.process import ProcessSandbox


def cost(path: Path, task: Task) -> str:
    """Return one line: what the probes, the source and the diagnosis of a submission took."""
    dataset = find_dataset(task.spec.dataset).load(data_folder(None))
    with tempfile.TemporaryDirectory() as folder:
        submission, _ = open_submission(path, Path(folder), task_id=task.id)
        with Session(task, submission, ProcessSandbox(), with_par=False) as session:
            box = session.open()
            lesson = sliver(dataset)
            load_model(session, box, submission, lesson)
            train_model(session, box, lesson, 10 * budget_seconds(session))
            scores = np.zeros((100, dataset.num_classes), np.float32)
            labels = dataset.hidden_labels[:100]
            began = time.perf_counter()
            seen = probe_classifier(
                box,
                dataset.train_inputs,
                dataset.train_labels,
                scores,
                labels,
                dataset.num_classes,
                session.draw,
            )
            asked = time.perf_counter()
            source = read_source(submission.folder, submission.file)
            read = time.perf_counter()
            diagnose(observe_classifier(seen), source)
            ended = time.perf_counter()
    count = 0 if seen.train_labels is None else len(seen.train_labels)
    return (
        f"{task.id}/{path.name}: probes {asked - began:.2f} s ({count} training examples judged), "
        f"source {read - asked:.3f} s, diagnosis {ended - read:.4f} s"
    )


def main() -> None:
    for name in ("digits", "mnist"):
        task = find_task(name)
        if name == "digits" or dataset_states(data_folder(None))[name].startswith("ready"):
            for path in task.references:
                print(cost(path, task), flush=True)


if __name__ == "__main__":
    main()
