"""Exam `classification`: train on labelled examples, then answer hidden ones, timed.

Accuracy is computed from the very answers that were timed. Where the task names a par, its box
answers the same inputs by turns. Labels never leave this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.course.curriculum import Task
from grader.course.dataset import Dataset, DatasetModule, find_dataset
from grader.doctor.examine import examine_classifier, hunt_classifier
from grader.errors import TaskError
from grader.exams import details
from grader.exams.checks import audits, corruptions, ladder, parts, rehearsal
from grader.exams.checks.budget_advice import epochs_in_budget
from grader.exams.exam import not_valid
from grader.exams.session import Session
from grader.exams.teaching import Lesson, budget_seconds
from grader.exams.timing import figures
from grader.exams.trained_exam import Questions, TrainedExam, alone_then_in_batches
from grader.metrics import classification as metrics
from grader.metrics.statistics import wilson_interval
from grader.records import Code, Details, Failure, Measured, Status
from grader.sandbox.box import Box

# Measurements a task of this kind may be scored by.
METRICS = (
    "accuracy",
    "macro_f1",
    "worst_class_accuracy",
    "alone_accuracy",
    "calibration_error",
    "responsible_accuracy",
    "corrupted_accuracy",
    "corrupted_noise_accuracy",
    "corrupted_blur_accuracy",
    "corrupted_contrast_accuracy",
    "corrupted_brightness_accuracy",
    "corrupted_shift_accuracy",
    "corrupted_occlusion_accuracy",
    "length_matched_accuracy",
    "shuffled_accuracy",
)

SLIVER = 512  # training examples for par's box in the timed phase: enough to build the same network
RETRAIN_BUDGETS = 2  # what that audit waits for: nothing is gained by training longer there


class Kind(TrainedExam):
    """One classification exam."""

    AUDITS = ("retrain",)

    published: Dataset  # what is given to train on, and the hidden part as it was published
    _dataset: Dataset  # the same, with the hidden inputs that are asked
    _parts: parts.Parts  # which hidden input is asked for which purpose

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._module: DatasetModule = find_dataset(session.task.spec.dataset, session.task.folder)
        self._probed: corruptions.Probed | None = None
        self._is_stand_in = False

    # What is read and taught.

    def read(self, folder: Path) -> None:
        self._take(self.session.asked_of(self._module.load(folder)))
        must_have_classes(self.session.task, self._dataset)
        corruptions.must_be_pictures(self.session, self._dataset.hidden_inputs)

    def read_stand_in(self) -> None:
        self._take(self._module.stand_in(self.session.draw))
        self._is_stand_in = True

    def _take(self, dataset: Dataset) -> None:
        self.published = given_part(self.session.task, dataset, self.session.draw)
        self._dataset = self.published
        if self.session.task.spec.hidden.changed:
            copies = changed_copies(self.session, dataset.hidden_inputs)
            self._dataset = replace(self.published, hidden_inputs=copies)

    def lesson(self) -> Lesson:
        return lesson(self._dataset)

    def sliver(self) -> Lesson:
        return sliver(self._dataset)

    # What is asked.

    def questions(self) -> Sequence[Questions]:
        """Return a part of the hidden inputs once each, in drawn order: some alone, then batches.

        The rest are kept for what is asked afterwards.
        """
        spec = self.session.task.spec
        count = len(self._dataset.hidden_inputs)
        if self._is_stand_in:
            self._parts = parts.undivided(count, self.session.draw)
        else:
            with_corrupted = bool(spec.probes.corruptions)
            self._parts = parts.divide(count, self.session.draw, with_corrupted=with_corrupted)
        inputs = self._dataset.hidden_inputs[self._parts.asked]
        return [alone_then_in_batches(inputs, spec.classes, spec.batch)]

    def ask_in_rehearsal(self, box: Box) -> None:
        """Ask one input alone and the rest in one batch."""
        side = self.sides[0]
        inputs = self._asked[0].inputs
        classes = self._dataset.num_classes
        for part in (slice(0, 1), slice(1, len(inputs))):
            side.scores[part], _ = box.predict(inputs[part], classes, self.call_seconds)
        side.position = len(inputs)

    @property
    def places(self) -> np.ndarray:
        """The places in the hidden set of the inputs that were asked as they are, ascending."""
        return np.sort(self._parts.asked)

    @property
    def scores(self) -> np.ndarray:
        """The answers to these, float32 (n, classes)."""
        return in_order_of(self._parts.asked, self.sides[0].scores)

    @property
    def labels(self) -> np.ndarray:
        """Their labels, int64 (n,)."""
        labels: np.ndarray = self._dataset.hidden_labels[self.places]
        return labels

    # What is found.

    def diagnose(self, box: Box) -> Failure | None:
        """Let the doctor ask about training examples, and keep what the model likely suffers from.

        In a bug hunt return why the planted mistake is not gone. There no place in the source is
        named: it is to be found.
        """
        if self.is_hunt:
            return self._hunt(box)
        submission = self.session.submission
        examined = examine_classifier(
            box,
            submission.folder,
            submission.file,
            train=(self._dataset.train_inputs, self._dataset.train_labels),
            hidden=(self.scores, self.labels),
            classes=self._dataset.num_classes,
            draw=self.session.draw,
            trace=self.trace,
            deadline_seconds=self.call_seconds,
        )
        self.outcome.diagnoses += examined.diagnoses
        self.measured_loss = examined.loss
        return None

    def _hunt(self, box: Box) -> Failure | None:
        """Return why the planted mistake is not gone, or that answers come from memory."""
        table = self.session.task.spec.hunt
        remembered = self._remembered(box)
        hunted = hunt_classifier(
            box,
            table.absent,
            table.at_most,
            train=(self._dataset.train_inputs, self._dataset.train_labels),
            hidden=(self.scores, self.labels),
            classes=self._dataset.num_classes,
            draw=self.session.draw,
            deadline_seconds=self.call_seconds,
        )
        self.outcome.diagnoses += hunted.diagnoses
        return still_there([*hunted.signs, *remembered])

    def _remembered(self, box: Box) -> list[str]:
        """Return the sign of a box that answers from memory what it answered before."""
        inputs = self._dataset.hidden_inputs[self._parts.fresh[: self.session.task.spec.batch]]
        if not len(inputs) or inputs.dtype != np.uint8:
            return []
        classes = self._dataset.num_classes
        draw = self.session.draw
        sign = ladder.jump(
            lambda batch: box.predict(batch, classes, self.call_seconds)[0], inputs, draw
        )
        return [sign] if sign else []

    def judge(self, box: Box) -> dict[str, Measured]:
        return accuracy_of(self.scores, self.labels)

    def call_figures(self) -> dict[str, Measured]:
        latency, throughput = self.timings
        found = figures.latency_figures(latency)
        return found | figures.throughput_figure(throughput, throughput.phase.batch)

    def audit(self, box: Box) -> dict[str, Measured]:
        """Ask again, perturbed, corrupted and, on request, after a second training."""
        timed = self._timed()
        fresh = self._kept_for(self._parts.fresh)
        found, notes = audits.audit(self.session, box, timed, fresh, self._module.perturb)
        self.outcome.notes += self._parts.notes
        if self.planted is None:  # what a bug hunter is to find is not told
            self.outcome.notes += notes
        if self.session.task.spec.probes.corruptions:
            kept = self._kept_for(self._parts.corrupted)
            self._probed = corruptions.probe(self.session, box, timed, kept, self._dataset.classes)
            self.outcome.notes += self._probed.notes
            found |= self._probed.figures
        if self.session.audit == "retrain":
            found |= self._retrain(box)
        return found

    def _timed(self) -> audits.Timed:
        latency, throughput = self.timings
        return audits.Timed(
            inputs=self._asked[0].inputs,
            labels=self._dataset.hidden_labels[self._parts.asked],
            scores=self.sides[0].scores,
            first=throughput.phase.first,
            alone_from=latency.phase.first,
        )

    def _kept_for(self, places: np.ndarray) -> audits.Fresh:
        """Return hidden inputs that were kept apart, (n, ...), with their labels."""
        dataset = self._dataset
        return audits.Fresh(dataset.hidden_inputs[places], dataset.hidden_labels[places])

    def _retrain(self, own: Box) -> dict[str, Measured]:
        """Hold the retraining audit with a fresh box in the place of the submission's first one."""
        session = self.session
        session.finish(own)
        seed = int(session.draw.integers(1 << 31))

        def train(renumbered: np.ndarray) -> Box:
            again = lesson(self._dataset, renumbered[self._dataset.train_labels])
            box = session.open()
            patience = RETRAIN_BUDGETS * budget_seconds(session)
            doing = "training again, with the classes renumbered"
            self.teach(box, again, patience, seed=seed, doing=doing)
            return box

        right = audits.is_right(self.scores, self.labels)
        inputs = self._dataset.hidden_inputs[self.places]
        found = audits.retrain(session, inputs, self.labels, right, train)
        self.outcome.notes += found.notes
        if self.outcome.failure is None and found.failure is not None:
            self.outcome.failure = session.for_people(found.failure)
        return found.figures

    # What is kept.

    def raw_answers(self) -> dict[str, np.ndarray]:
        """Return the answers, and for each the place of its input in the hidden set."""
        kept = {"scores": self.scores, "places": self.places}
        if self._probed is not None:
            corrupted = self._parts.corrupted
            kept["corrupted_scores"] = in_order_of(corrupted, self._probed.scores)
            kept["ways"] = in_order_of(corrupted, self._probed.ways)
            kept["corrupted_places"] = np.sort(corrupted)
        return kept

    def details(self) -> Details:
        dataset = self._dataset
        is_private = dataset.is_private or self.session.hidden is not None
        asked = None if is_private else dataset.hidden_inputs[self.places]
        return details.of_answers(self.scores, self.labels, dataset.classes, asked, dataset.columns)

    def advise(self, box: Box, train_seconds: float, began: float) -> None:
        if self.is_hunt:  # advice would name what is to be found
            return
        accuracy = self.outcome.measurements["accuracy"]
        rehearsed = rehearsal.Rehearsed(self, box, train_seconds, began)
        self.outcome.advice += epochs_in_budget(self.session, self.outcome.reported)
        rehearsal.advise_classifier(rehearsed, self._dataset, accuracy)


def must_have_classes(task: Task, dataset: Dataset) -> None:
    """Raise TaskError unless the data set has as many classes as the task says."""
    if dataset.num_classes != task.spec.classes:
        found = f"{dataset.num_classes} classes" if dataset.classes else "numbers, and no classes"
        raise TaskError(
            f"task {task.id!r} says classes = {task.spec.classes}, but the data set "
            f"{task.spec.dataset!r} has {found}"
        )


def given_part(task: Task, dataset: Dataset, draw: np.random.Generator) -> Dataset:
    """Return the data set with what this run gives to train on: all, or some of each class.

    Those few are drawn afresh for every run. TaskError where a class has not so many.
    """
    per_class = task.spec.data.per_class
    if not per_class:
        return dataset
    picked = []
    for label, name in enumerate(dataset.classes):
        there = np.flatnonzero(dataset.train_labels == label)
        if len(there) < per_class:
            raise TaskError(
                f"task {task.id!r} gives per_class = {per_class} examples, but class {name!r} of "
                f"{task.spec.dataset!r} has {len(there)}; ask for fewer"
            )
        picked.append(draw.choice(there, per_class, replace=False))
    chosen = draw.permutation(np.concatenate(picked))
    return replace(
        dataset,
        train_inputs=dataset.train_inputs[chosen],
        train_labels=dataset.train_labels[chosen],
    )


def changed_copies(session: Session, inputs: np.ndarray) -> np.ndarray:
    """Return copies of hidden inputs that a person would read the same, drawn anew in every run.

    TaskError where nobody wrote how inputs of this data set are changed.
    """
    task = session.task
    vary = getattr(find_dataset(task.spec.dataset, task.folder), "vary", None)
    if vary is None:
        raise TaskError(
            f"task {task.id!r} has [hidden] changed = true, but the data set "
            f"{task.spec.dataset!r} has no `vary`; leave the key out, or write that function"
        )
    copies: np.ndarray = vary(inputs, session.draw)
    return copies


def lesson(dataset: Dataset, labels: np.ndarray | None = None) -> Lesson:
    """Return what a box trains on: all examples, with other labels if they are given."""
    chosen = dataset.train_labels if labels is None else labels
    return Lesson("classifier", [dataset.train_inputs, chosen], dataset.num_classes)


def sliver(dataset: Dataset) -> Lesson:
    """Return a small part of the training set in which every class occurs."""
    labels = dataset.train_labels
    share = max(1, SLIVER // dataset.num_classes)
    of_each = [np.flatnonzero(labels == c)[:share] for c in range(dataset.num_classes)]
    picked = np.concatenate(of_each)
    return Lesson("classifier", [dataset.train_inputs[picked], labels[picked]], dataset.num_classes)


def in_order_of(places: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return rows that belong to drawn places, (n, ...) and int64 (n,), by ascending place."""
    ordered: np.ndarray = rows[np.argsort(places)]
    return ordered


def still_there(signs: Sequence[str]) -> Failure | None:
    """Return the failure of a bug hunt whose planted mistake still shows."""
    if not signs:
        return None
    reason = f"the planted mistake is still there: {'; '.join(signs)}"
    return Failure(Status.BELOW_TARGET, Code.SYMPTOM, reason)


def accuracy_of(scores: np.ndarray, labels: np.ndarray) -> dict[str, Measured]:
    """Return accuracy with its Wilson interval, and macro F1.

    scores: float32 (n, classes); SubmissionFailed where one is not finite. labels: int64 (n,).
    """
    bad = ~np.isfinite(scores)
    if bad.any():
        rows = int(bad.any(axis=1).sum())
        raise not_valid(
            Code.NOT_FINITE,
            f"{rows} of {len(scores)} answers contain NaN or infinite scores; expected finite "
            "numbers. Either the training diverged, or an exp() or log() got a number that it "
            "cannot take: print the loss of every step, and find the first that is not finite.",
        )
    value = metrics.accuracy(scores, labels)
    count = len(labels)
    low, high = wilson_interval(value, count)
    return {
        "accuracy": Measured(
            value=value, low=low, high=high, n=count, unit="share", spread="95% interval"
        ),
        "macro_f1": Measured(value=metrics.macro_f1(scores, labels), n=count, unit="share"),
    }
