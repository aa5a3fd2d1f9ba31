"""Verifies a task: whether its files are whole, its data fits, and its solutions can be graded.

For whoever wrote it, before the first learner meets it. Everything that would end as `grader_error`
shows here; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from grader.course.curriculum import Task, find_task_folder
from grader.course.dataset import find_dataset
from grader.course.dataset_file import DATASET_FILE
from grader.course.examples import Dataset
from grader.course.known_names import dataset_names
from grader.course.own_dataset import OwnDataset
from grader.course.own_place import fingerprint
from grader.errors import DataError, GraderError, TaskError
from grader.exams.holding import load_exam
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.intake.submission import open_submission
from grader.sandbox.choose import choose_sandbox

SHARED_SHOWN = 3
EXAMPLES_EACH = 8  # fewer of a class to train on are too few to be told from


class Finding(NamedTuple):
    """What was looked at, and what was found. status: "pass", "advice" or "fail"."""

    about: str
    status: str
    says: str


def verify_task(folder: Path, data: Path, scratch: Path) -> list[Finding]:
    """Return what is right and what is wrong with the task in a folder.

    data: folder of data sets. scratch: an empty folder to work in.
    """
    try:
        task = find_task_folder(folder)
    except (TaskError, DataError) as error:
        return [Finding("task.toml", "fail", str(error))]
    findings = [Finding("task.toml", "pass", f"{task.id}, exam version {task.exam_version}")]
    findings += files(task)
    if task.spec.dataset:
        findings += data_set(task, data)
    findings += solutions(task, scratch)
    return findings


# Files.


def files(task: Task) -> Iterator[Finding]:
    """Yield a finding for each file that a task needs or should have."""
    starter = "starter/solution.py"
    if task.spec.exam == "questions":
        starter = next(task.starter.glob("*.ipynb"), task.starter / "*.ipynb").name
        starter = f"starter/{starter}"
    for name in ("README.md", starter):
        if (task.folder / name).is_file():
            yield Finding(name, "pass", "is there")
        else:
            yield Finding(name, "fail", "is missing; `grader start` gives it to learners")
    if not task.references:
        says = f"none in {task.reference_folder}; without one nobody knows what can be reached"
        yield Finding("references", "advice", says)


# Data.


def data_set(task: Task, folder: Path) -> Iterator[Finding]:
    """Yield findings on the data set of a task."""
    about = f"data set {task.spec.dataset}"
    if task.spec.exam == "language":
        return
    module = find_dataset(task.spec.dataset, task.folder)
    try:
        found = module.load(folder)
    except DataError as error:
        yield Finding(about, "fail", str(error))
        return
    yield Finding(about, "pass", described(found))
    if not len(found.hidden_labels):
        says = "is not here: learners can check, and whoever grades names it with --hidden"
        yield Finding("hidden part", "advice", says)
        return
    if task.spec.dataset in dataset_names():
        return
    yield from fits(task, found)
    if isinstance(module, OwnDataset):
        yield from checksums(module, folder)


def described(dataset: Dataset) -> str:
    """Return the size and form of a data set in words."""
    form = "texts"
    if dataset.train_inputs.dtype != object:
        shape = " x ".join(map(str, dataset.train_inputs.shape[1:]))
        form = f"inputs of {shape} ({dataset.train_inputs.dtype})"
    kinds = f"{dataset.num_classes} classes" if dataset.classes else "a number for each"
    train = len(dataset.train_inputs)
    return f"{train} to train on, {len(dataset.hidden_inputs)} hidden: {form}, {kinds}"


def fits(task: Task, dataset: Dataset) -> Iterator[Finding]:
    """Yield what does not fit between a task and its data, or between the data's two parts."""
    if dataset.classes and dataset.num_classes != task.spec.classes:
        says = f"classes = {task.spec.classes}, but the data has {dataset.num_classes}"
        yield Finding("task.toml", "fail", says)
    for label, name in enumerate(dataset.classes):
        train = int((dataset.train_labels == label).sum())
        if train < EXAMPLES_EACH or not (dataset.hidden_labels == label).any():
            hidden = int((dataset.hidden_labels == label).sum())
            says = f"class {name!r} has {train} examples to train on and {hidden} hidden"
            yield Finding("examples of each class", "advice", says)
    shared = in_both(dataset)
    if shared:
        shown = ", ".join(str(place + 1) for place in shared[:SHARED_SHOWN])
        yield Finding(
            "two parts",
            "advice",
            f"{len(shared)} hidden examples are in the training part too (number {shown} and so "
            "on): whoever learns by heart is right on them",
        )
    else:
        yield Finding("two parts", "pass", "no example is in both")


def in_both(dataset: Dataset) -> list[int]:
    """Return the places of hidden inputs that are training inputs as well."""
    known = set(map(key_of, dataset.train_inputs))
    return [place for place, each in enumerate(dataset.hidden_inputs) if key_of(each) in known]


def key_of(example: np.ndarray | str) -> bytes | str:
    return example if isinstance(example, str) else example.tobytes()


def checksums(own: OwnDataset, folder: Path) -> Iterator[Finding]:
    """Yield the checksums that dataset.toml does not have yet."""
    for name, table in (("train", own.spec.train), ("hidden", own.spec.hidden)):
        if not table.sha256:
            found = fingerprint(own.where.place(table, folder))
            says = f'[{name}] has no checksum; add sha256 = "{found}", so that a change is noticed'
            yield Finding(DATASET_FILE, "advice", says)


# What it comes with.


def solutions(task: Task, scratch: Path) -> Iterator[Finding]:
    """Rehearse the starter and each reference on stand-in data, and yield what came of it."""
    for number, folder in enumerate([task.starter, *task.references]):
        if not folder.is_dir():
            continue
        about = folder.name if folder == task.starter else f"reference {folder.name}"
        try:
            outcome = rehearse(folder, task, scratch / str(number))
        except GraderError as error:
            yield Finding(about, "fail", str(error))
            continue
        yield Finding(about, *judged(outcome, is_starter=folder == task.starter))


def rehearse(folder: Path, task: Task, scratch: Path) -> Outcome:
    """Return what a check finds out about a folder's solution."""
    submission, _ = open_submission(folder, scratch, task=task)
    sandbox = choose_sandbox("process", task.spec.exam)
    session = Session(task, submission, sandbox, with_par=False, advising=False)
    return load_exam(task.spec.exam)(session).run(rehearsing=True)


def judged(outcome: Outcome, *, is_starter: bool) -> tuple[str, str]:
    """Return the status and the words for one rehearsal."""
    wrong = [case for case in outcome.cases if case.status not in ("pass", "by_hand")]
    if is_starter and (outcome.failure is None or wrong):
        if outcome.cases and not wrong:
            return "advice", "it already gets every case right; a starter leaves something to do"
        return "pass", "it runs, and leaves something to do"
    if outcome.failure is not None:
        return "fail", outcome.failure.reason
    if wrong:
        return "fail", f"wrong: {wrong[0].function}/{wrong[0].group}: {wrong[0].message}"
    return "pass", "it can be graded"
