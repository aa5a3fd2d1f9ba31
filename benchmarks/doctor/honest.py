"""What the doctor says of the references, none of which should be called mistaken.

    python -m benchmarks.doctor --references all        (or names, such as imdb,mnist/cnn)

Each is trained in a box of its own, as in a run, and asked the doctor's questions in twenty rounds
with fresh draws; the hidden answers are asked once a training, a generator's pictures anew each
time. Lines are kept in build/doctor-references.jsonl with the submission's fingerprint, first
trainings first, so that it can be stopped and gone on with. Functions are right or wrong and have
no questions; bug hunts are judged by them.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from grader.course.curriculum import Task, all_tasks
from grader.course.dataset import data_folder
from grader.course.task_file import HuntTable
from grader.errors import SubmissionFailed
from grader.exams.holding import load_exam
from grader.exams.kinds import classification, generation
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.exams.trained_exam import TrainedExam
from grader.intake.submission import open_submission
from grader.records import Diagnosis
from grader.sandbox.process import ProcessSandbox

TRAININGS = 3
ROUNDS = 20
PATIENCE = 10  # times the budget: a busy machine is no reason to stop a training here
PICTURES = 2000  # of a generator, a round
ESSENTIAL = "essential"
KEYS = (ESSENTIAL, "others")


class Reference(NamedTuple):
    """A reference of a task in which models are trained."""

    task: Task
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.task.id}/{self.folder.name}"

    @property
    def shows_a_mistake(self) -> bool:
        """Whether its first line says that it is there to be refused."""
        head = (self.folder / "solution.py").read_text("utf-8").partition("\n")[0]
        return "must not pass" in head or "must be flagged" in head


def references() -> Iterator[Reference]:
    for task in all_tasks():
        if task.spec.exam != "functions" and task.spec.hunt == HuntTable():
            for folder in task.references:
                yield Reference(task, folder)


def rounds(exam: TrainedExam) -> Iterator[None]:
    """Train, then ask; after each round the outcome's diagnoses are those of this round.

    A classifier's hidden answers are asked once, a generator's pictures anew in each round; a
    language model is asked about its training text alone.
    """
    box = exam.train_patiently(data_folder(None), PATIENCE)
    if isinstance(exam, generation.Kind):
        exam.count = PICTURES
    if isinstance(exam, classification.Kind):
        exam.ask_alone(box)
    for _ in range(ROUNDS):
        exam.outcome = Outcome()
        if isinstance(exam, generation.Kind):
            exam.ask_alone(box)
        exam.diagnose(box)
        yield


def perform(reference: Reference, training: int) -> dict[str, Any]:
    """Train once and ask; returns what is stored: the codes of each round, essential and others."""
    task = reference.task
    named = []
    failed = ""
    with tempfile.TemporaryDirectory() as folder:
        submission, _ = open_submission(
            reference.folder, Path(folder), task_id=task.id, author="benchmark"
        )
        with Session(task, submission, ProcessSandbox(), with_par=False) as session:
            exam = load_exam(task.spec.exam)(session)
            assert isinstance(exam, TrainedExam)
            try:
                for _ in rounds(exam):
                    named.append(codes_of(exam.outcome.diagnoses))
            except SubmissionFailed as error:
                failed = str(error)
    about = {"key": f"{reference.name}/{training}", "sha256": submission.sha256, "failed": failed}
    return about | {"rounds": named}


def codes_of(diagnoses: Sequence[Diagnosis]) -> dict[str, list[str]]:
    """Return the codes of essential diagnoses and of the others."""
    essential = [each.code for each in diagnoses if each.severity == ESSENTIAL]
    others = [each.code for each in diagnoses if each.severity != ESSENTIAL]
    return {ESSENTIAL: essential, "others": others}


def sha256_of(reference: Reference) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return open_submission(
            reference.folder, Path(folder), task_id=reference.task.id, author="-"
        )[0].sha256


def run(names: Iterable[str], path: Path, done: Mapping[str, Mapping[str, Any]]) -> None:
    """Run what is missing; ValueError for a name that there is not."""
    wanted = {*names} - {"all"}
    chosen = [each for each in references() if not wanted or wanted & {each.name, each.task.id}]
    unknown = wanted - {name for each in chosen for name in (each.name, each.task.id)}
    if unknown:
        raise ValueError(f"no such reference: {', '.join(sorted(unknown))}")
    path.parent.mkdir(parents=True, exist_ok=True)
    for training in range(TRAININGS):
        for each in chosen:
            line = done.get(f"{each.name}/{training}")
            if line is None or line["sha256"] != sha256_of(each):
                found = perform(each, training)
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(found) + "\n")
                counts = {key: dict(count(found["rounds"], key)) for key in KEYS}
                print(f"{found['key']}: {found['failed'] or counts}", flush=True)


def count(asked: Iterable[Mapping[str, list[str]]], key: str) -> Counter[str]:
    """Return in how many rounds each code was named."""
    return Counter(code for each in asked for code in each[key])


def section(lines: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what docs/measure/doctor-figures.md says of the references; nothing where none was run."""
    rows, mistaken, asked = [], 0, 0
    for each in references():
        sha256 = sha256_of(each)
        own = [lines[key] for n in range(TRAININGS) if (key := f"{each.name}/{n}") in lines]
        own = [line for line in own if line["sha256"] == sha256 and not line["failed"]]
        every = [found for line in own for found in line["rounds"]]
        if not every:
            continue
        wrong = sum(bool(found[ESSENTIAL]) for found in every)
        if not each.shows_a_mistake:
            mistaken, asked = mistaken + wrong, asked + len(every)
        name = f"{each.name}, made to be refused" if each.shows_a_mistake else each.name
        cells = [name, str(len(own)), f"{wrong} of {len(every)}{codes(every, ESSENTIAL)}"]
        others = sum(bool(found["others"]) for found in every)
        cells.append(f"{others} of {len(every)}{codes(every, 'others')}")
        rows.append(f"| {' | '.join(cells)} |")
    return SECTION.format(rows="\n".join(rows), mistaken=mistaken, asked=asked) if rows else ""


def codes(asked: Iterable[Mapping[str, list[str]]], key: str) -> str:
    found = sorted(count(asked, key))
    return f" ({', '.join(found)})" if found else ""


SECTION = """
## The references

`python -m benchmarks.doctor --references all`: each trained up to three times and asked in twenty rounds a training.
None that is meant to be good may be called mistaken: {mistaken} of {asked} rounds did. What is not essential is advice.
A training stays valid while its submission is the same: a round has what the rules said when it was asked.

| reference | trainings | rounds with an essential diagnosis | with another |
| --- | --- | --- | --- |
{rows}
"""
