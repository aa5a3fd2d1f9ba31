"""What a box is asked after its graded part: few questions, none of them hidden inputs."""

from __future__ import annotations

import numpy as np
import pytest
from support.doctor import (
    CLASSES,
    Answers,
    Model,
    evidence,
    examples,
    named,
    right,
)

from grader.doctor.diagnose import diagnose
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.probes.classifier import MOST_EXAMPLES, probe_classifier
from grader.errors import SubmissionFailed
from grader.records import Failure, Status


def test_the_number_of_questions_is_bounded_and_none_is_hidden() -> None:
    inputs, labels = examples(5000)
    hidden, hidden_labels = examples(100, seed=9)
    box = Answers(right)
    draw = np.random.default_rng(0)
    scores = right(hidden).astype(np.float32)
    probe_classifier(box, inputs, labels, scores, hidden_labels, CLASSES, draw)
    assert box.asked <= MOST_EXAMPLES
    shown = {row.tobytes() for batch in box.seen for row in batch}
    assert not shown & {row.tobytes() for row in hidden}


def test_nothing_is_asked_once_the_time_is_over() -> None:
    inputs, labels = examples()
    box = Answers(right)
    seen = probe_classifier(
        box, inputs, labels, right(inputs), labels, CLASSES, np.random.default_rng(0), seconds=-1
    )
    assert box.asked == 0
    assert (seen.first, seen.train_scores, seen.alone) == (None, None, None)
    assert "accuracy" in observe_classifier(seen)


@pytest.mark.parametrize("count", [1, 2, 3, 63, 64, 65, 127])
def test_small_training_sets_are_enough(count: int) -> None:
    inputs, labels = examples(count)
    draw = np.random.default_rng(0)
    seen = probe_classifier(Answers(right), inputs, labels, right(inputs), labels, CLASSES, draw)
    assert diagnose(observe_classifier(seen)) == []


def test_texts_are_asked_as_texts() -> None:
    texts = [f"text {number}" for number in range(150)]
    box = Answers(lambda batch: np.array([[len(text), 3.0] for text in batch]))
    labels = np.arange(150) % 2
    draw = np.random.default_rng(0)
    seen = probe_classifier(
        box, texts, labels, np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1]), 2, draw
    )
    assert seen.halved is None
    assert observe_classifier(seen)["permuted_change"] == 0


def test_one_example_alone_that_raises_is_told_from_a_box_that_ended() -> None:
    def failing(code: str) -> Model:
        def model(batch: np.ndarray) -> np.ndarray:
            if len(batch) == 1:
                raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, code, "no"))
            return right(batch)

        return model

    inputs, labels = examples()
    for code, raised, goes_on in (("raised", True, True), ("ended", False, False)):
        box = Answers(failing(code))
        draw = np.random.default_rng(0)
        seen = probe_classifier(box, inputs, labels, right(inputs), labels, CLASSES, draw)
        assert seen.alone_raised is raised
        assert (seen.halved is not None) is goes_on


def test_answers_among_other_examples_are_compared_by_half() -> None:
    def leaning(batch: np.ndarray) -> np.ndarray:
        """Each answer leans on those before it, as in a sequence."""
        return np.cumsum(right(batch), axis=0) * 0.1 + right(batch)

    numbers = observe_classifier(evidence(leaning)[0])
    assert numbers["front_change"] == 0
    assert numbers["back_change"] > 0.01
    assert named(leaning) == ["rnn_batch_axis"]
