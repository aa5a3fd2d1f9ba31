"""Metrics of classifiers against scikit-learn, torchmetrics and figures computed by hand."""

from __future__ import annotations

import functools
import importlib
from types import ModuleType

import numpy as np
import pytest
from sklearn import metrics as theirs

from grader.metrics import classification as ours
from grader.runner import imports, loaders


@functools.cache
def torch_and_metrics() -> tuple[ModuleType, ModuleType]:
    """Return torch and torchmetrics' functions; torchmetrics imports torchvision, which may not fit
    this PyTorch.
    """
    # No more of the runner than that: its answers to downloads are for boxes, not for this process.
    imports.install()
    imports.after_import("torchvision.extension", loaders.declare_torchvision_operators)
    return importlib.import_module("torch"), importlib.import_module(
        "torchmetrics.functional.classification"
    )


CASES = [
    (classes, count, seed) for classes in (2, 3, 10) for count in (1, 7, 500) for seed in range(3)
]


def drawn(classes: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, classes, count)
    scores = draw.normal(size=(count, classes)).astype(np.float32)
    scores[np.arange(count), labels] += 1
    return scores, labels


@pytest.mark.parametrize(("classes", "count", "seed"), CASES)
def test_accuracy_and_confusion_agree_with_scikit_learn(
    classes: int, count: int, seed: int
) -> None:
    scores, labels = drawn(classes, count, seed)
    answers = scores.argmax(axis=1)
    assert ours.accuracy(scores, labels) == pytest.approx(
        theirs.accuracy_score(labels, answers), abs=1e-6
    )
    expected = theirs.confusion_matrix(labels, answers, labels=range(classes))
    np.testing.assert_array_equal(ours.confusion(scores, labels), expected)


@pytest.mark.parametrize(("classes", "count", "seed"), CASES)
def test_macro_f1_agrees_with_scikit_learn(classes: int, count: int, seed: int) -> None:
    scores, labels = drawn(classes, count, seed)
    expected = theirs.f1_score(
        labels, scores.argmax(axis=1), labels=range(classes), average="macro", zero_division=0
    )
    assert ours.macro_f1(scores, labels) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("classes", "count", "seed"), [case for case in CASES if case[1] == 500])
def test_all_figures_agree_with_torchmetrics(classes: int, count: int, seed: int) -> None:
    torch, functional = torch_and_metrics()
    scores, labels = drawn(classes, count, seed)
    pair = torch.from_numpy(scores), torch.from_numpy(labels)
    accuracy = functional.multiclass_accuracy(*pair, num_classes=classes, average="micro")
    f1 = functional.multiclass_f1_score(*pair, num_classes=classes, average="macro")
    table = functional.multiclass_confusion_matrix(*pair, num_classes=classes)
    recall = functional.multiclass_recall(*pair, num_classes=classes, average="none")
    assert ours.accuracy(scores, labels) == pytest.approx(float(accuracy), abs=1e-6)
    assert ours.macro_f1(scores, labels) == pytest.approx(float(f1), abs=1e-6)
    np.testing.assert_array_equal(ours.confusion(scores, labels), table.numpy())
    np.testing.assert_allclose(ours.class_recall(scores, labels), recall.numpy(), atol=1e-6)


def test_of_equal_scores_the_first_counts() -> None:
    scores = np.zeros((4, 3), dtype=np.float32)
    assert ours.accuracy(scores, np.array([0, 0, 1, 2])) == 0.5


def test_a_class_without_examples_has_no_recall() -> None:
    recall = ours.class_recall(np.eye(3, dtype=np.float32)[:2], np.array([0, 1]))
    np.testing.assert_array_equal(recall, [1.0, 1.0, np.nan])


def test_rows_that_are_probabilities_stay_and_others_become_a_softmax() -> None:
    shares = np.array([[0.2, 0.8], [1.0, 0.0]], dtype=np.float32)
    np.testing.assert_allclose(ours.probabilities(shares), shares)
    logits = np.array([[0.0, np.log(3.0)], [1000.0, 0.0]])
    np.testing.assert_allclose(ours.probabilities(logits), [[0.25, 0.75], [1.0, 0.0]], atol=1e-12)
    mixed = np.array([[0.2, 0.8], [0.5, 0.9]])  # not all rows sum to 1: logits
    assert ours.probabilities(mixed)[0, 1] == pytest.approx(1 / (1 + np.exp(-0.6)))
    np.testing.assert_allclose(ours.probabilities(-shares).sum(axis=1), 1)


def test_the_calibration_error_of_a_few_answers_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.6, 0.6])
    right = np.array([True, True, True, False, True, False])
    # four promise 0.95 and three are right: 0.2 off; two promise 0.6 and one is right: 0.1 off
    assert ours.calibration_error(confidence, right) == pytest.approx(4 / 6 * 0.2 + 2 / 6 * 0.1)
    assert ours.calibration_error(np.ones(4), np.ones(4, bool)) == 0
    assert ours.calibration_error(np.ones(4), np.zeros(4, bool)) == 1
    assert ours.calibration_error(np.empty(0), np.empty(0, bool)) == 0


def test_weights_count_like_repeated_answers() -> None:
    draw = np.random.default_rng(0)
    confidence, right = draw.random(50), draw.random(50) < 0.5
    weights = draw.integers(0, 4, size=50)
    repeated = ours.calibration_error(np.repeat(confidence, weights), np.repeat(right, weights))
    assert ours.calibration_error(confidence, right, weights) == pytest.approx(repeated)


def test_the_calibration_error_agrees_with_torchmetrics() -> None:
    torch, torchmetrics = torch_and_metrics()
    draw = np.random.default_rng(1)
    confidence = draw.random(2000)
    right = draw.random(2000) < confidence**2
    answers = torch.tensor(confidence), torch.tensor(right).int()
    expected = torchmetrics.binary_calibration_error(*answers, n_bins=ours.BINS)
    assert ours.calibration_error(confidence, right) == pytest.approx(float(expected), abs=1e-5)


def test_the_worst_class_is_one_that_is_there() -> None:
    scores = np.eye(4)[[0, 0, 1, 2, 1]]
    labels = np.array([0, 0, 1, 1, 2])  # class 2 never right, class 3 absent
    assert ours.worst_class(scores, labels) == 2
