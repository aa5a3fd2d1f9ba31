"""Exam `regression`: train on examples with a number each, then answer hidden ones, timed.

What is scored is the mean absolute error, computed from the very answers that were timed; lower is
better. Where the task names a par, its box answers the same inputs by turns. Targets never leave
this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from grader.course.dataset import Dataset, DatasetModule, find_dataset
from grader.doctor.examine import examine_regressor
from grader.errors import TaskError
from grader.exams.checks.nudges import nudged
from grader.exams.checks.shares import means_apart, share
from grader.exams.exam import not_valid
from grader.exams.session import Session
from grader.exams.teaching import Lesson
from grader.exams.timing import figures
from grader.exams.trained_exam import Questions, TrainedExam, alone_then_in_batches
from grader.metrics import regression as metrics
from grader.metrics.statistics import mean_interval
from grader.records import Code, Failure, Measured
from grader.sandbox.box import Box

# Measurements a task of this kind may be scored by.
METRICS = ("mean_absolute_error", "root_mean_squared_error", "explained_variance")

OUTPUTS = 1  # numbers the model answers each input with
SLIVER = 512  # training examples for par's box in the timed phase: enough to build the same network
OTHER_SIZE = 0.75  # of the task's batch: for asking again in other batches
ALONE = 64  # inputs that are asked again one at a time
SAME_SHARE = 0.02  # of the range of all answers: one that differs by more is another answer
UNIT = "target units"


class Kind(TrainedExam):
    """One regression exam."""

    _dataset: Dataset
    _order: np.ndarray  # the place in the hidden set of each input, in the order they are asked

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._module: DatasetModule = find_dataset(session.task.spec.dataset, session.task.folder)

    # What is read and taught.

    def read(self, folder: Path) -> None:
        self._dataset = self.session.asked_of(self._module.load(folder))
        must_have_numbers(self.session, self._dataset)

    def read_stand_in(self) -> None:
        self._dataset = self._module.stand_in(self.session.draw)

    def lesson(self) -> Lesson:
        return lesson(self._dataset)

    def sliver(self) -> Lesson:
        return lesson(self._dataset, SLIVER)

    # What is asked.

    def questions(self) -> Sequence[Questions]:
        """Return every hidden input once, in a drawn order: some alone, the rest in batches."""
        spec = self.session.task.spec
        self._order = self.session.draw.permutation(len(self._dataset.hidden_inputs))
        inputs = self._dataset.hidden_inputs[self._order]
        return [alone_then_in_batches(inputs, OUTPUTS, spec.batch)]

    @property
    def answers(self) -> np.ndarray:
        """The answers in the order they were asked, float32 (n,)."""
        return self.sides[0].scores[:, 0]

    @property
    def targets(self) -> np.ndarray:
        """The right answers in the same order, float32 (n,)."""
        targets: np.ndarray = self._dataset.hidden_labels[self._order]
        return targets

    # What is found.

    def diagnose(self, box: Box) -> Failure | None:
        """Let the doctor ask about training examples, and keep what it names."""
        submission = self.session.submission
        self.outcome.diagnoses += examine_regressor(
            box,
            submission.folder,
            submission.file,
            train=(self._dataset.train_inputs, self._dataset.train_labels),
            hidden=(self.answers, self.targets),
            trace=self.trace,
            deadline_seconds=self.call_seconds,
        )
        return None

    def judge(self, box: Box) -> dict[str, Measured]:
        return errors_of(self.answers, self.targets)

    def audit(self, box: Box) -> dict[str, Measured]:
        """Return whether answers depend on what else is in the batch.

        Asked again, with the smallest change there is, are the inputs that were asked in batches:
        in the same batches, in others, and some alone. A model that remembers its answers passes
        that; so the errors on inputs that came alone in the timed phase are compared with those on
        others, in batches. `course.score` caps the points of answers that depend on neighbours.
        """
        self.session.progress.step("asking again")
        batch = self.session.task.spec.batch
        places = np.arange(self.timings[-1].phase.first, len(self.answers))
        mixed = self.session.draw.permutation(places)
        found = {
            "repeat_same": self._same(box, places, batch),
            "batch_same": self._same(box, mixed, max(1, int(OTHER_SIZE * batch))),
            "alone_same": self._same(box, mixed[:ALONE], 1),
        }
        errors = metrics.absolute_errors(self.answers, self.targets)
        alone = errors[self.timings[0].phase.first : self.timings[-1].phase.first]
        more = means_apart(alone, errors[places], UNIT)
        if more is not None:
            found["alone_more_error"] = more
        return found

    def _same(self, box: Box, places: np.ndarray, batch: int) -> Measured:
        """Ask the inputs at these places again, and return the share of unchanged answers."""
        inputs = self._asked[0].inputs
        again = []
        for start in range(0, len(places), batch):
            part = nudged(inputs[places[start : start + batch]], self.session.draw)
            again.append(box.predict(part, OUTPUTS, self.call_seconds)[0])
        return share(is_same(self.answers[places], np.concatenate(again)[:, 0], self.answers))

    def call_figures(self) -> dict[str, Measured]:
        latency, throughput = self.timings
        found = figures.latency_figures(latency)
        return found | figures.throughput_figure(throughput, throughput.phase.batch)

    # What is kept.

    def raw_answers(self) -> dict[str, np.ndarray]:
        """Return the answers in the order of the hidden set, float32 (n,)."""
        sorted_answers = np.empty_like(self.answers)
        sorted_answers[self._order] = self.answers
        return {"answers": sorted_answers}


def must_have_numbers(session: Session, dataset: Dataset) -> None:
    """Raise TaskError unless the data set's labels are numbers to be met, not classes."""
    if dataset.classes or dataset.hidden_labels.dtype.kind != "f":
        raise TaskError(
            f"task {session.task.id!r} has exam = 'regression', but the data set "
            f"{session.task.spec.dataset!r} has classes; expected one with a number for each input"
        )


def lesson(dataset: Dataset, most: int | None = None) -> Lesson:
    """Return what a box trains on: all examples, or the first `most`."""
    values = [dataset.train_inputs[:most], dataset.train_labels[:most]]
    return Lesson("regressor", values, OUTPUTS)


def errors_of(answers: np.ndarray, targets: np.ndarray) -> dict[str, Measured]:
    """Return the mean absolute error with its interval, and the root mean squared error.

    answers: float32 (n,); SubmissionFailed where one is not finite. targets: float32 (n,).
    """
    bad = ~np.isfinite(answers)
    if bad.any():
        raise not_valid(
            Code.NOT_FINITE,
            f"{int(bad.sum())} of {len(answers)} answers are NaN or infinite; expected finite "
            "numbers. A training that diverged does this: scale the inputs, and try a smaller "
            "learning rate.",
        )
    count = len(targets)
    mean, low, high = mean_interval(metrics.absolute_errors(answers, targets))
    squared = metrics.root_mean_squared_error(answers, targets)
    explained = metrics.explained_variance(answers, targets)
    return {
        "mean_absolute_error": Measured(
            value=mean, low=low, high=high, n=count, unit=UNIT, spread="95% interval"
        ),
        "root_mean_squared_error": Measured(value=squared, n=count, unit=UNIT),
        "explained_variance": Measured(value=explained, n=count, unit="share"),
    }


def is_same(before: np.ndarray, after: np.ndarray, all_answers: np.ndarray) -> np.ndarray:
    """Return which answers stayed the same but for rounding, bool (m,); before, after: (m,)."""
    allowed = SAME_SHARE * float(all_answers.max() - all_answers.min())
    same: np.ndarray = np.abs(before - after) <= allowed
    return same
