"""The calls an exam makes: after a classifier's or language model's graded part, and for a function's failing cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader.doctor.diagnose import diagnose
from grader.doctor.evidence import Told
from grader.doctor.observables import observe_classifier
from grader.doctor.observables_text import observe_text
from grader.doctor.probes import PROBE_SECONDS, Asked, probe_classifier
from grader.doctor.probes_text import Read, probe_text
from grader.doctor.ratios import Failed, observe_ratios
from grader.doctor.source import read_source
from grader.records import Diagnosis


def examine_classifier(
    box: Asked,
    folder: Path,
    file: str,
    *,
    train: tuple[Any, np.ndarray],
    hidden: tuple[np.ndarray, np.ndarray],
    classes: int,
    draw: np.random.Generator,
    told: Told | None = None,
    deadline_seconds: float = 10.0,
    seconds: float = PROBE_SECONDS,
) -> list[Diagnosis]:
    """Ask a trained classifier's thawed box after its graded part, read its source, and say what likely went wrong.

    folder, file: the submission, and the file of it that is run. train: training inputs (n, ...) or n texts, and int64
    labels (n,). hidden: the graded scores (m, classes), which may hold NaN, and the labels (m,). Takes about `seconds`
    at most, and the answer that is under way then. What the box does wrong here is no failure of the submission.
    """
    inputs, labels = train
    seen = probe_classifier(
        box, inputs, labels, *hidden, classes, draw, deadline_seconds=deadline_seconds, seconds=seconds
    )
    return diagnose(observe_classifier(seen, told), read_source(folder, file))


def examine_language(
    box: Read,
    folder: Path,
    file: str,
    *,
    text: np.ndarray,
    vocabulary: int,
    context: int,
    draw: np.random.Generator,
    told: Told | None = None,
    deadline_seconds: float = 10.0,
    seconds: float = PROBE_SECONDS,
) -> list[Diagnosis]:
    """The same for a language model. text: the tokens it was trained on, int64 (n,), n above twice the context."""
    asked = probe_text(box, text, vocabulary, context, draw, deadline_seconds=deadline_seconds, seconds=seconds)
    return diagnose(observe_text(asked, told), read_source(folder, file), exam="language")


def examine_function(cases: Sequence[Failed]) -> list[Diagnosis]:
    """Name the mistake that the failing cases of one function's group show, if they agree."""
    return diagnose(observe_ratios(cases), exam="functions")
