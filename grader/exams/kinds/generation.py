"""Exam `generation`: train on pictures, then make new ones from seeds that the grader draws, timed.

Every picture that is timed is judged: its features, by a frozen network, against those of hidden
pictures. The same seed must bring the same picture and another seed another one, so that pictures
are made and not replayed; pictures that lie nearer to a training picture than hidden ones do are
counted as copies, and so are pictures that fit one training picture, turned, moved, bent or drawn
thicker, and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from grader.course.dataset import Dataset, DatasetModule, find_dataset
from grader.doctor.examine import examine_generator
from grader.errors import TaskError
from grader.exams import details
from grader.exams.checks import rehearsal
from grader.exams.checks.budget_advice import epochs_in_budget
from grader.exams.checks.known_pictures import Pictures, known_pictures
from grader.exams.exam import not_valid
from grader.exams.session import Session
from grader.exams.teaching import Lesson
from grader.exams.timing import figures
from grader.exams.trained_exam import PhasePlan, Questions, TrainedExam
from grader.metrics import features
from grader.metrics import generation as metrics
from grader.metrics.statistics import Z95
from grader.records import Code, Details, Failure, Measured, Status
from grader.sandbox.box import Box

# Measurements a task of this kind may be scored by.
METRICS = (
    "frechet_distance",
    "precision",
    "recall",
    "density",
    "coverage",
    "class_balance",
    "copied_share",
    "moved_copies_share",
)

PICTURES = 10_000
STAND_IN_PICTURES = 200
SLIVER = 512  # training pictures for par's box in the timed phase
MOST_SEEDS = 1 << 20  # seeds are drawn from 1 to this
REPEATED_SEEDS = 4
SEED_GREY_LEVELS = 1.0  # the same seed may differ by so much on average: sums in another order
SPLITS = 5  # parts that the distance's interval is taken from
COPIES_ASKED = 2000
MOST_COPIES = 0.25
KEPT_PICTURES = 400


class Kind(TrainedExam):
    """One generation exam."""

    _dataset: Dataset

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._module: DatasetModule = find_dataset(session.task.spec.dataset, session.task.folder)
        self.count = PICTURES
        self._is_stand_in = False

    # What is read and taught.

    def read(self, folder: Path) -> None:
        self._dataset = self.session.asked_of(self._module.load(folder))
        must_be_digits(self.session, self._dataset)

    def read_stand_in(self) -> None:
        self._dataset = self._module.stand_in(self.session.draw)
        self.count = STAND_IN_PICTURES
        self._is_stand_in = True

    def lesson(self) -> Lesson:
        return lesson(self._dataset)

    def sliver(self) -> Lesson:
        return lesson(self._dataset, SLIVER)

    # What is asked.

    def questions(self) -> Sequence[Questions]:
        """Return drawn seeds; a batch of pictures is made of each."""
        batch = self.session.task.spec.batch
        calls = -(-self.count // batch)
        seeds = self.session.draw.permutation(MOST_SEEDS)[:calls] + 1
        return [
            Questions(
                inputs=seeds,
                answers=np.empty((calls, batch, features.SIDE, features.SIDE), dtype=np.uint8),
                phases=(PhasePlan("throughput", 1, ask=ask_pictures),),
                asking=f"asking for {calls * batch} pictures",
            )
        ]

    @property
    def answers(self) -> np.ndarray:
        """The pictures of each seed, uint8 (seeds, pictures of a seed, height, width)."""
        return self.sides[0].scores

    @property
    def pictures(self) -> np.ndarray:
        """All pictures, uint8 (n, height, width)."""
        return self.answers.reshape(-1, *self.answers.shape[2:])

    # What is found.

    def diagnose(self, box: Box) -> Failure | None:
        """Let the doctor look at the graded pictures, and keep what it names."""
        submission = self.session.submission
        self.outcome.diagnoses += examine_generator(
            submission.folder,
            submission.file,
            pictures=self.answers,
            training=self._dataset.train_inputs,
            trace=self.trace,
        )
        if self._is_stand_in:
            # Pictures after a few steps look like many mistakes: only what the source shows stays.
            rehearsal.keep_what_the_source_shows(self.outcome)
        return None

    def judge(self, box: Box) -> dict[str, Measured]:
        self.session.progress.step("asking some seeds again")
        check_seeds(box, self._asked[0].inputs, self.answers, self.call_seconds)
        if self._is_stand_in:
            return {}
        self.session.progress.step(f"judging {len(self.pictures)} pictures")
        # Threads of a linear algebra library wait for each other by spinning: beside other programs
        # two of them take three times as long as one (65 s against 19), and alone they gain little.
        with threadpool_limits(limits=1, user_api="blas"):
            return judge_pictures(self.pictures, self._dataset, self.session.draw)

    def verdict(self) -> Failure | None:
        found = self.outcome.measurements
        return copied(found["copied_share"]) or moved(found["moved_copies_share"])

    def call_figures(self) -> dict[str, Measured]:
        batch = self.session.task.spec.batch
        return figures.throughput_figure(self.timings[0], batch, unit="pictures a second")

    # What is kept.

    def raw_answers(self) -> dict[str, np.ndarray]:
        return {"pictures": self.pictures[:KEPT_PICTURES]}

    def details(self) -> Details:
        return details.grids(self.pictures, self._dataset.train_inputs)

    def advise(self, box: Box, train_seconds: float, began: float) -> None:
        self.outcome.advice += epochs_in_budget(self.session, self.outcome.reported)
        rehearsal.advise_generator(rehearsal.Rehearsed(self, box, train_seconds, began))


def must_be_digits(session: Session, dataset: Dataset) -> None:
    """Raise TaskError unless the pictures are what the frozen network knows: 28 by 28 grey ones."""
    shape = dataset.train_inputs.shape[1:]
    if shape != (features.SIDE, features.SIDE):
        raise TaskError(
            f"task {session.task.id!r} asks for pictures of shape {shape}; the exam 'generation' "
            "judges pictures of shape (28, 28), like those of mnist"
        )


def lesson(dataset: Dataset, most: int | None = None) -> Lesson:
    """Return what a box trains on: all pictures, or the first `most`."""
    values = [dataset.train_inputs[:most], dataset.train_labels[:most]]
    return Lesson("generator", values, dataset.num_classes)


def ask_pictures(box: Box, seeds: np.ndarray, answers: np.ndarray, deadline_seconds: float) -> int:
    """Ask for as many pictures of one seed as the slot holds."""
    count = answers.shape[1]
    side = answers.shape[2:]
    answers[0], nanoseconds = box.sample(count, int(seeds[0]), side, deadline_seconds)
    return nanoseconds


def check_seeds(box: Box, seeds: np.ndarray, answers: np.ndarray, deadline_seconds: float) -> None:
    """Refuse a generator that is not a function of its seed: SubmissionFailed.

    seeds: (n,). answers: the pictures of each, uint8 (n, pictures of a seed, height, width).
    """
    first = answers[:, 0].reshape(len(answers), -1)
    different = len(np.unique(first, axis=0))
    if different < max(2, len(first) // 2):
        raise not_valid(
            Code.SEED_WITHOUT_EFFECT,
            f"{len(first)} seeds gave {different} different first pictures; expected a different "
            "picture for each seed: draw the noise from a generator seeded with `seed`",
        )
    count = answers.shape[1]
    for index in range(min(REPEATED_SEEDS, len(seeds))):
        again, _ = box.sample(count, int(seeds[index]), answers.shape[2:], deadline_seconds)
        gap = float(np.mean(np.abs(again.astype(np.int16) - answers[index].astype(np.int16))))
        if gap > SEED_GREY_LEVELS:
            raise not_valid(
                Code.SEED_IGNORED,
                f"the same seed gave different pictures when asked again ({gap:.1f} grey levels "
                "apart on average); expected the same: draw the noise from a generator seeded "
                "with `seed`, and switch dropout off with model.eval()",
            )


def judge_pictures(
    pictures: np.ndarray, dataset: Dataset, draw: np.random.Generator
) -> dict[str, Measured]:
    """Return how pictures, uint8 (n, h, w), compare with hidden ones, seen by the frozen network.

    SubmissionFailed where all of them look alike.
    """
    made = features.see(pictures)
    if float(made.features.std(axis=0).max()) == 0.0:
        raise not_valid(
            Code.CONSTANT,
            "all pictures look alike; expected pictures that differ: did the training collapse?",
        )
    known = known_pictures(dataset)
    hidden = known.hidden.features
    count = len(pictures)
    found = metrics.manifold(hidden, made.features, known.hidden_radii)
    shares = {
        "precision": found.precision,
        "recall": found.recall,
        "coverage": found.coverage,
        "class_balance": metrics.class_balance(made.classes, dataset.num_classes),
    }
    judged = {name: Measured(value=value, n=count, unit="share") for name, value in shares.items()}
    judged["density"] = Measured(value=found.density, n=count, unit="neighbourhoods")
    judged["frechet_distance"] = distance_with_interval(hidden, made.features)
    own = Pictures(pictures, made.features).drawn(COPIES_ASKED, draw)
    judged["copied_share"] = known.copied_share(own)
    judged["moved_copies_share"] = known.moved_copies_share(own)
    return judged


def distance_with_interval(hidden: np.ndarray, made: np.ndarray) -> Measured:
    """Return the Fréchet distance between two sets of features, (n, features) each.

    Its interval comes from how much the distance differs between parts of the pictures.
    """
    value = metrics.frechet_distance(hidden, made)
    parts = [metrics.frechet_distance(hidden, part) for part in np.array_split(made, SPLITS)]
    half = Z95 * float(np.std(parts, ddof=1)) / np.sqrt(SPLITS)
    return Measured(
        value=value,
        low=max(0.0, value - half),
        high=value + half,
        n=len(made),
        unit="distance",
        spread="95% interval",
    )


def copied(found: Measured) -> Failure | None:
    """Return why a result is flagged if too many pictures are as good as training pictures."""
    return too_many(
        found,
        "lie nearer to a training picture than 99 % of real new ones do: this looks like training "
        "pictures handed back",
    )


def moved(found: Measured) -> Failure | None:
    """Return why a result is flagged if too many pictures are changed training pictures."""
    return too_many(
        found,
        "fit one training picture, turned, moved, bent or drawn thicker, better than 99 % of real "
        "new ones fit any: this looks like training pictures handed back with small changes",
    )


def too_many(found: Measured, what_they_do: str) -> Failure | None:
    """Return the failure of a share of pictures that is surely too large for a generator's own."""
    assert found.low is not None
    if found.low <= MOST_COPIES:
        return None
    return Failure(
        Status.FLAGGED,
        Code.COPIED_PICTURES,
        f"{100 * found.value:.0f} % of the pictures {what_they_do}; an instructor should look at "
        "the source",
    )
