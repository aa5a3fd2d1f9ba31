"""The calls an exam makes: after a model's graded part, and for a function's failing cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from grader.doctor.diagnose import diagnose
from grader.doctor.evidence import Failed, Made, Regressed
from grader.doctor.hunt import Hunted, check_hunt, hunt
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.observables.curve import observe_trace
from grader.doctor.observables.failures import observe_failure
from grader.doctor.observables.numbers import Numbers, only_finite
from grader.doctor.observables.pictures import observe_generator
from grader.doctor.observables.ratios import observe_ratios
from grader.doctor.observables.regression import observe_regressor
from grader.doctor.observables.text import observe_text
from grader.doctor.probes.classifier import Asked, probe_classifier
from grader.doctor.probes.questions import PROBE_SECONDS, Questions
from grader.doctor.probes.text import Read, probe_text
from grader.doctor.source import read_source
from grader.records import Code, Diagnosis, Failure
from grader.sandbox.training_trace import TrainingTrace

MOST_REGRESSED = 512  # training examples that a regressor is asked about
HUNT_SECONDS = 20.0  # a verdict waits for these answers: slow models are given the time


class Examined(NamedTuple):
    """What the doctor says of a trained model."""

    diagnoses: list[Diagnosis]
    # Cross-entropy of its answers to training examples, measured here; None if it can't be had.
    loss: float | None


def examine_classifier(
    box: Asked,
    folder: Path,
    file: str,
    *,
    train: tuple[Any, np.ndarray],
    hidden: tuple[np.ndarray, np.ndarray],
    classes: int,
    draw: np.random.Generator,
    trace: TrainingTrace | None = None,
    deadline_seconds: float = 10.0,
    seconds: float = PROBE_SECONDS,
) -> Examined:
    """Ask a trained classifier's thawed box a little more, and say what likely went wrong.

    folder, file: the submission, and the file of it that is run. train: training inputs (n, ...) or
    n texts, and int64 labels (n,). hidden: the graded scores (m, classes), which may hold NaN, and
    the labels (m,). Takes about `seconds` at most, and the answer that is under way then. What the
    box does wrong here does not fail the submission.
    """
    inputs, labels = train
    seen = probe_classifier(
        box,
        inputs,
        labels,
        *hidden,
        classes,
        draw,
        deadline_seconds=deadline_seconds,
        seconds=seconds,
    )
    numbers = observe_classifier(seen, trace)
    return Examined(diagnose(numbers, read_source(folder, file)), loss_of(numbers))


def hunt_classifier(
    box: Asked,
    absent: Sequence[str],
    at_most: Mapping[str, float],
    *,
    train: tuple[Any, np.ndarray],
    hidden: tuple[np.ndarray, np.ndarray],
    classes: int,
    draw: np.random.Generator,
    deadline_seconds: float = 10.0,
) -> Hunted:
    """Ask the same questions for a bug hunt, whose verdict rests on the answers alone.

    absent, at_most: the task's `[hunt]`; TaskError if it names what is not known. The other
    arguments are those of `examine_classifier`.
    """
    check_hunt(absent, at_most)
    seen = probe_classifier(
        box, *train, *hidden, classes, draw, deadline_seconds=deadline_seconds, seconds=HUNT_SECONDS
    )
    return hunt(observe_classifier(seen), absent, at_most)


def examine_language(
    box: Read,
    folder: Path,
    file: str,
    *,
    text: np.ndarray,
    vocabulary: int,
    context: int,
    draw: np.random.Generator,
    trace: TrainingTrace | None = None,
    deadline_seconds: float = 10.0,
    seconds: float = PROBE_SECONDS,
) -> Examined:
    """Do the same for a language model.

    text: the tokens it was trained on, int64 (n,), n above twice the context.
    """
    asked = probe_text(
        box, text, vocabulary, context, draw, deadline_seconds=deadline_seconds, seconds=seconds
    )
    numbers = observe_text(asked, trace)
    return Examined(diagnose(numbers, read_source(folder, file), exam="language"), loss_of(numbers))


def examine_regressor(
    box: Asked,
    folder: Path,
    file: str,
    *,
    train: tuple[np.ndarray, np.ndarray],
    hidden: tuple[np.ndarray, np.ndarray],
    trace: TrainingTrace | None = None,
    deadline_seconds: float = 10.0,
    seconds: float = PROBE_SECONDS,
) -> list[Diagnosis]:
    """Ask a regressor about some training examples, and say what likely went wrong.

    train: inputs (n, ...) and targets (n,). hidden: the graded answers (m,), which may hold NaN,
    and the targets (m,).
    """
    inputs = train[0][:MOST_REGRESSED]
    targets = train[1][:MOST_REGRESSED]
    ask = Questions(lambda batch: box.predict(batch, 1, deadline_seconds)[0], seconds)
    answers = ask.ask(inputs)
    seen = Regressed(
        hidden=hidden[0],
        hidden_targets=hidden[1],
        train=None if answers is None else answers[:, 0],
        train_targets=targets,
    )
    numbers = observe_regressor(seen, trace)
    return diagnose(numbers, read_source(folder, file), exam="regression")


def examine_generator(
    folder: Path,
    file: str,
    *,
    pictures: np.ndarray,
    training: np.ndarray,
    trace: TrainingTrace | None = None,
) -> list[Diagnosis]:
    """Say what a generator likely suffers from. Its box is asked nothing more.

    folder, file: as above. pictures: those that were graded, uint8 (seeds, pictures of a seed,
    height, width). training: pictures it was trained on, uint8 (n, height, width).
    """
    numbers = observe_generator(Made(pictures, training), trace)
    return diagnose(numbers, read_source(folder, file), exam="generation")


def examine_failure(
    folder: Path,
    file: str,
    failure: Failure,
    *,
    exam: str,
    classes: int = 0,
    trace: TrainingTrace | None = None,
) -> list[Diagnosis]:
    """Say why a training or an answer likely failed, from its reason, the trace and the source.

    No box is asked: it may be gone.
    """
    is_wrong_output = failure.code == Code.WRONG_OUTPUT
    numbers = observe_failure(failure.reason, classes, is_wrong_output)
    if not numbers:
        return []
    numbers |= observe_trace(trace)
    return diagnose(only_finite(numbers), read_source(folder, file), exam=exam)


def examine_function(cases: Sequence[Failed]) -> list[Diagnosis]:
    """Name the mistake that the failing cases of one function's group show, if they agree."""
    return diagnose(observe_ratios(cases), exam="functions")


def loss_of(numbers: Numbers) -> float | None:
    """Return the cross-entropy on training examples, after a softmax unless scores are shares."""
    return numbers.get("loss_of_shares", numbers.get("loss_of_scores"))
