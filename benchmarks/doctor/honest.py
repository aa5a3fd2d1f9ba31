"""What the doctor says of the references, none of which should be called mistaken.

    python -m benchmarks.doctor --references all        (or names, such as imdb,mnist/cnn)

Each is trained in a box of its own, as in a run, and asked the doctor's questions in twenty rounds
with fresh draws; the hidden answers are asked once per training, a generator's pictures each
time. Lines are kept in build/doctor-references.jsonl with the submission's fingerprint, first
trainings first, so that it can be stopped and resumed. Functions are right or wrong and have no
questions; bug hunts are judged by them.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
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
    """Yield the references that are measured here: those of models that are trained."""
    for task in all_tasks():
        if task.spec.exam != "functions" and task.spec.hunt == HuntTable():
            for folder in task.references:
                yield Reference(task, folder)


def rounds(exam: TrainedExam) -> Iterator[None]:
    """Train, then ask; after each round the outcome's diagnoses are those of this round.

    A classifier's hidden answers are asked once, a generator's pictures in each round; a
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
    """Return a reference's fingerprint as it is today."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Path(folder)
        task_id = reference.task.id
        submission, _ = open_submission(reference.folder, opened, task_id=task_id, author="-")
        return submission.sha256


def chosen_of(names: Iterable[str]) -> list[Reference]:
    """Return the references of these names; ValueError for a name that none of them has."""
    wanted = {*names} - {"all"}
    chosen: list[Reference] = []
    known: set[str] = set()
    for each in references():
        called = {each.name, each.task.id}
        known |= called
        if not wanted or wanted & called:
            chosen.append(each)
    unknown = wanted - known
    if unknown:
        raise ValueError(f"no such reference: {', '.join(sorted(unknown))}")
    return chosen


def run(names: Iterable[str], path: Path, done: Mapping[str, Mapping[str, Any]]) -> None:
    """Run what is missing; ValueError for an unknown name."""
    chosen = chosen_of(names)
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


class Asked(NamedTuple):
    """What the doctor said of one reference, in all rounds of its trainings."""

    reference: Reference
    trainings: int
    rounds: list[dict[str, list[str]]]

    def named(self, key: str) -> int:
        """Return in how many rounds anything essential, or anything else, was named."""
        return sum(bool(found[key]) for found in self.rounds)

    def cell(self, key: str) -> str:
        """Return in how many rounds, of how many, and which codes."""
        codes = sorted(count(self.rounds, key))
        text = f"{self.named(key)} of {len(self.rounds)}"
        return f"{text} ({', '.join(codes)})" if codes else text

    def row(self) -> str:
        name = self.reference.name
        if self.reference.shows_a_mistake:
            name += ", made to be refused"
        cells = [name, str(self.trainings), self.cell(ESSENTIAL), self.cell("others")]
        return f"| {' | '.join(cells)} |"


def section(lines: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what doctor-figures.md says of the references; nothing if none was run."""
    asked = [each for each in map(partial(asked_of, lines), references()) if each.rounds]
    if not asked:
        return ""
    good = [each for each in asked if not each.reference.shows_a_mistake]
    return SECTION.format(
        rows="\n".join(each.row() for each in asked),
        mistaken=sum(each.named(ESSENTIAL) for each in good),
        asked=sum(len(each.rounds) for each in good),
    )


def asked_of(lines: Mapping[str, Mapping[str, Any]], reference: Reference) -> Asked:
    """Return what is stored of a reference, if it is still the same submission."""
    sha256 = sha256_of(reference)
    trainings = 0
    every: list[dict[str, list[str]]] = []
    for training in range(TRAININGS):
        line = lines.get(f"{reference.name}/{training}")
        if line is not None and line["sha256"] == sha256 and not line["failed"]:
            trainings += 1
            every += line["rounds"]
    return Asked(reference, trainings, every)


SECTION = """
## The references

`python -m benchmarks.doctor --references all`: each is trained up to three times, and asked in
twenty rounds after each training. No reference that is meant to be good may be called mistaken:
that happened in {mistaken} of {asked} rounds. What is not essential is advice. A training stays
valid while its submission is the same: a round has what the rules said when it was asked.

| reference | trainings | rounds with an essential diagnosis | with another |
| --- | --- | --- | --- |
{rows}
"""
