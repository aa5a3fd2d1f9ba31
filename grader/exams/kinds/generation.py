"""Exam `generation`: train on pictures, then make new ones from seeds that the grader draws, timed.

Every picture that is timed is judged: its features, by a frozen network, against those of hidden
pictures. The same seed must bring the same picture and another seed another one, so that pictures
are made and not replayed; pictures that lie nearer to a training picture than hidden ones do are
counted as copies.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader.course.dataset import Dataset, data_folder, find_dataset
from grader.doctor.examine import examine_generator
from grader.errors import TaskError
from grader.exams import details
from grader.exams.checks import rehearsal
from grader.exams.exam import Session, not_valid
from grader.exams.timing import stopwatch
from grader.exams.timing.par import find_par, timed_alone
from grader.exams.training import (
    Companions,
    Lesson,
    Others,
    budget_seconds,
    memory_figures,
    speed_figures,
    teach,
)
from grader.metrics import features
from grader.metrics import generation as metrics
from grader.metrics.classification import wilson_interval
from grader.records import Failure, Measured, Observation, Status
from grader.sandbox.box import Box

PICTURES = 10_000
STAND_IN_PICTURES = 200
SLIVER = 512  # training pictures for par's box in the timed phase
LOCK_SECONDS = 3600
REPEATED_SEEDS = 4
SEED_GREY_LEVELS = 1.0  # the same seed may differ by so much on average: sums in another order
SPLITS = 5  # parts that the distance's interval is taken from
COPIES_ASKED = 2000
NEAR_PERCENTILE = 1.0  # of hidden pictures lie nearer to a training picture than this
MOST_COPIES = 0.25
KEPT_PICTURES = 400


def examine(session: Session) -> Observation:
    """Train, make pictures, time, and judge them."""
    name = session.task.spec.dataset
    module = find_dataset(name)
    session.progress.step(f"reading {name}")
    session.sandbox.warm()
    dataset = module.load(data_folder(session.data_folder))
    must_be_digits(session, dataset)
    budget = budget_seconds(session)
    par = find_par(session) if session.with_par and session.task.spec.par else None
    companions = Companions(session, lesson(dataset, SLIVER), par)
    companions.start()
    box = session.open()
    seconds = teach(
        session, box, session.submission, lesson(dataset), budget=budget, doing="training"
    )
    box.settle(1)
    box.close_log()
    box.freeze()
    companions.wait()
    with timed_alone(session.device, LOCK_SECONDS, session.progress):
        others = Others(box, companions.par, companions.null)
        side, seeds, timing = make_pictures(session, box, companions, PICTURES)
        noise = others.noise()
    pictures = side.scores.reshape(-1, *side.scores.shape[2:])
    measurements = {"train_seconds": Measured(value=seconds, unit="seconds")}
    measurements |= pictures_a_second(timing, session.task.spec.batch) | speed_figures(
        [timing], session.draw
    )
    measurements |= memory_figures(box.peak_memory(), par)
    session.remember_memory(box, "answering")
    diagnose(session, dataset, side.scores)
    session.progress.step("asking some seeds again")
    check_seeds(box, seeds, side.scores, session.task.spec.limits.call_seconds)
    session.progress.step(f"judging {len(pictures)} pictures")
    found = judge(pictures, dataset)
    measurements |= found
    return Observation(
        measurements,
        [],
        {"pictures": pictures[:KEPT_PICTURES]},
        stopwatch.worked_while_idle(side) or copied(found["copied_share"]),
        par=par.figures if par is not None else None,
        reported=box.reported,
        notes=(f"timings may be noisy: {noise}",) if noise else (),
        details=details.with_curves(details.grids(pictures, dataset.train_inputs), session),
    )


def diagnose(session: Session, dataset: Dataset, pictures: np.ndarray) -> None:
    """Have the doctor look at the graded pictures, uint8 (seeds, pictures of a seed, h, w), and
    keep what it names.
    """
    session.progress.step("looking for known mistakes")
    submission = session.submission
    session.diagnoses += examine_generator(
        submission.folder,
        submission.file,
        pictures=pictures,
        training=dataset.train_inputs,
        evidence=session.training_evidence,
    )


def rehearse(session: Session) -> Observation:
    """Train on generated stand-in pictures and make a few: the contract, not the skill."""
    dataset = find_dataset(session.task.spec.dataset).stand_in(session.draw)
    box = session.open()
    first, doing = (
        replace(lesson(dataset), settings={"rehearsal": session.advising}),
        "training on stand-in data",
    )
    seconds = teach(
        session, box, session.submission, first, budget=budget_seconds(session), doing=doing
    )
    reported = box.reported
    box.settle(1)
    box.close_log()
    box.freeze()
    side, seeds, _ = make_pictures(
        session, box, Companions(session, lesson(dataset), None), STAND_IN_PICTURES
    )
    check_seeds(box, seeds, side.scores, session.task.spec.limits.call_seconds)
    diagnose(session, dataset, side.scores)
    rehearsal.keep_what_the_source_shows(session)
    if session.advising:
        rehearsal.advise_generator(session, reported)
    return Observation(
        {"train_seconds": Measured(value=seconds, unit="seconds")}, [], {}, reported=box.reported
    )


def must_be_digits(session: Session, dataset: Dataset) -> None:
    """The frozen network knows grey pictures of 28 by 28 pixels."""
    side = dataset.train_inputs.shape[1:]
    if side != (features.SIDE, features.SIDE):
        raise TaskError(
            f"task {session.task.id!r} asks for pictures of shape {side}; exam 'generation' judges (28, 28), "
            "as mnist has them"
        )


def lesson(dataset: Dataset, most: int | None = None) -> Lesson:
    """Return what a box trains on: all pictures, or the first `most`."""
    return Lesson(
        [dataset.train_inputs[:most], dataset.train_labels[:most]], {}, dataset.num_classes
    )


def make_pictures(
    session: Session, box: Box, companions: Companions, count: int
) -> tuple[stopwatch.Side, np.ndarray, stopwatch.Timing]:
    """Let the submission make `count` pictures, a batch for each seed; par makes as many in
    alternating slices.
    """
    spec = session.task.spec
    calls = -(-count // spec.batch)
    seeds = session.draw.permutation(1 << 20)[:calls] + 1
    answers = np.empty((calls, spec.batch, features.SIDE, features.SIDE), dtype=np.uint8)
    own = stopwatch.Side("submission", box, answers)
    par, null = companions.sides(answers)
    session.progress.step(f"asking for {calls * spec.batch} pictures")
    with stopwatch.timed_on_cores([side.box for side in (own, par, null) if side is not None], 1):
        phase = stopwatch.Phase("throughput", 1, 0, calls, ask_pictures)
        timing = stopwatch.run_phase(phase, seeds, own, par, null, spec.limits.call_seconds)
    box.thaw()
    return own, seeds, timing


def ask_pictures(box: Box, seeds: np.ndarray, answers: np.ndarray, deadline_seconds: float) -> int:
    """Ask for as many pictures of one seed as the slot holds."""
    count, side = answers.shape[1], answers.shape[2:]
    answers[0], nanoseconds = box.sample(count, int(seeds[0]), side, deadline_seconds)
    return nanoseconds


def pictures_a_second(timing: stopwatch.Timing, batch: int) -> dict[str, Measured]:
    """Return how many pictures a second the timed calls brought."""
    if not len(timing.calls):
        return {}
    figure = stopwatch.per_second(timing.calls, batch)
    return {"throughput_per_second": figure.model_copy(update={"unit": "pictures a second"})}


def check_seeds(box: Box, seeds: np.ndarray, answers: np.ndarray, deadline_seconds: float) -> None:
    """Refuse a generator that is not a function of its seed: SubmissionFailed."""
    first = answers[:, 0].reshape(len(answers), -1)
    if len(np.unique(first, axis=0)) < max(2, len(first) // 2):
        raise not_valid(
            "seed_without_effect",
            f"{len(first)} seeds brought {len(np.unique(first, axis=0))} different first pictures; expected another "
            "picture for another seed: draw the noise from a generator seeded with `seed`",
        )
    for index in range(min(REPEATED_SEEDS, len(seeds))):
        again, _ = box.sample(
            answers.shape[1], int(seeds[index]), answers.shape[2:], deadline_seconds
        )
        gap = float(np.mean(np.abs(again.astype(np.int16) - answers[index].astype(np.int16))))
        if gap > SEED_GREY_LEVELS:
            raise not_valid(
                "seed_ignored",
                f"the same seed brought other pictures when asked again ({gap:.1f} grey levels apart on average); "
                "expected the same: draw the noise from a generator seeded with `seed`, and switch dropout off with "
                "model.eval()",
            )


def judge(pictures: np.ndarray, dataset: Dataset) -> dict[str, Measured]:
    """Return how the pictures compare with hidden ones, all seen through the frozen network."""
    made, hidden = features.see(pictures), features.see(dataset.hidden_inputs)
    count = len(pictures)
    if float(made.features.std(axis=0).max()) == 0.0:
        raise not_valid(
            "constant",
            "all pictures look alike; expected pictures that differ: did the training collapse?",
        )
    found = metrics.manifold(hidden.features, made.features)
    shares = {
        "precision": found.precision,
        "recall": found.recall,
        "coverage": found.coverage,
        "class_balance": metrics.class_balance(made.classes, dataset.num_classes),
    }
    figures = {name: Measured(value=value, n=count, unit="share") for name, value in shares.items()}
    figures["density"] = Measured(value=found.density, n=count, unit="neighbourhoods")
    figures["frechet_distance"] = distance_with_interval(hidden.features, made.features)
    figures["copied_share"] = copied_share(pictures, made.features, dataset, hidden.features)
    return figures


def distance_with_interval(hidden: np.ndarray, made: np.ndarray) -> Measured:
    """Return the Fréchet distance of all, with an interval from how much it differs between parts
    of the pictures.
    """
    value = metrics.frechet_distance(hidden, made)
    parts = [metrics.frechet_distance(hidden, part) for part in np.array_split(made, SPLITS)]
    half = 1.96 * float(np.std(parts, ddof=1)) / np.sqrt(SPLITS)
    return Measured(
        value=value,
        low=max(0.0, value - half),
        high=value + half,
        n=len(made),
        unit="distance",
        spread="95% interval",
    )


def copied_share(
    pictures: np.ndarray, seen: np.ndarray, dataset: Dataset, hidden: np.ndarray
) -> Measured:
    """Return the share of pictures that lie nearer to a training picture than all but 1 % of hidden
    ones do.

    Nearness is looked at twice, in pixels and in features: a copy with noise is found by the
    second, whatever its classifier thinks of it by the first.
    """
    asked = min(COPIES_ASKED, len(pictures), len(hidden))
    views = (
        (flat(dataset.train_inputs), flat(dataset.hidden_inputs[:asked]), flat(pictures[:asked])),
        (features.see(dataset.train_inputs).features, hidden[:asked], seen[:asked]),
    )
    near = np.zeros(asked, dtype=bool)
    for known, honest, made in views:
        usual = np.percentile(metrics.nearest(honest, known)[0], NEAR_PERCENTILE)
        near |= metrics.nearest(made, known)[0] < usual
    share = float(np.mean(near))
    low, high = wilson_interval(share, asked)
    return Measured(value=share, low=low, high=high, n=asked, unit="share", spread="95% interval")


def flat(pictures: np.ndarray) -> np.ndarray:
    rows: np.ndarray = pictures.reshape(len(pictures), -1).astype(np.float32) / np.float32(255)
    return rows


def copied(share: Measured) -> Failure | None:
    """Return why a result is flagged if too many pictures are as good as training pictures."""
    assert share.low is not None
    if share.low <= MOST_COPIES:
        return None
    return Failure(
        Status.FLAGGED,
        "copied_pictures",
        f"{100 * share.value:.0f} % of the pictures lie nearer to a training picture than 99 % of real new ones do: "
        "this looks like training pictures handed back; an instructor should look at the source",
    )
