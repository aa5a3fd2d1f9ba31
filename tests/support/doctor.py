"""A classifier that is a function, its answers to the doctor's questions, and entries to try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.doctor.diagnose import diagnose
from grader.doctor.entries import Entry, catalogue
from grader.doctor.evidence import Batch, Classified, Source
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.probes.classifier import probe_classifier
from grader.sandbox.training_trace import TrainingTrace

Model = Callable[[np.ndarray], np.ndarray]
CLASSES = 4
# Mistakes that beginners make most: their entries must be firm.
FIRST_TWELVE = (
    "double_softmax",
    "sigmoid_on_scores",
    "relu_on_scores",
    "nll_on_shares",
    "nll_on_scores",
    "softmax_over_batch",
    "moved_labels",
    "never_trained",
    "dropout_left_on",
    "batchnorm_left_on",
    "mixed_rows",
    "equal_weights",
)
TRAINED = [entry.code for entry in catalogue().values() if entry.exams[0] != "functions"]
# Entries whose mistake is planted in the recipe; strangers' programs stand for the others.
PLANTED = [code for code in TRAINED if catalogue()[code].mutants]
ENTRY = {
    "code": "some_mistake",
    "title": "Something is wrong",
    "severity": "essential",
    "rank": 10,
    "hints": ["where", "why", "what"],
    "reading": "a page",
    "signs": [
        {"all": ["accuracy <= 0.5"], "says": "only {accuracy:.0%} are right"},
        {"all": ["largest >= 100"], "says": "scores up to {largest:.0f}"},
    ],
}


class Answers:
    """A box that is a function; it counts what it is asked."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.asked = 0
        self.seen: list[Any] = []

    def predict(
        self, batch: Batch, num_classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        self.asked += len(batch)
        self.seen.append(batch)
        return self.model(batch).astype(np.float32), 1  # type: ignore[arg-type]


def examples(count: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (n, 4, 4) of bytes and labels that a straight line tells apart."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, CLASSES, count)
    inputs = draw.integers(0, 40, (count, 4, 4))
    inputs[np.arange(count), labels] += 150
    return inputs.astype(np.uint8), labels.astype(np.int64)


def right(batch: np.ndarray) -> np.ndarray:
    """Answer examples right, with scores that bend: no straight line, no shares."""
    rows = batch.astype(np.float64).mean(axis=2) / 40
    return rows**1.5 - rows.sum(axis=1, keepdims=True) / 3


def evidence(model: Model, seed: int = 0) -> tuple[Classified, Answers]:
    inputs, labels = examples(seed=seed)
    hidden, hidden_labels = examples(200, seed=seed + 1)
    box = Answers(model)
    scores = model(hidden).astype(np.float32)
    draw = np.random.default_rng(seed)
    return probe_classifier(box, inputs, labels, scores, hidden_labels, CLASSES, draw), box


def named(model: Model, losses: Any = (), source: Source | None = None) -> list[str]:
    trace = TrainingTrace(losses=np.array(losses, dtype=np.float64))
    numbers = observe_classifier(evidence(model)[0], trace)
    return [each.code for each in diagnose(numbers, source)]


def entry_with(**changes: Any) -> Entry:
    return Entry.model_validate({**ENTRY, **changes})
