"""Metrics of classifiers against scikit-learn, torchmetrics and figures computed by hand."""

from __future__ import annotations

import functools
import importlib
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as theirs

from grader.metrics import classification as ours
from grader.runner import loaders


@functools.cache
def torch_and_metrics() -> tuple[ModuleType, ModuleType]:
    """Return torch and torchmetrics' functions; torchmetrics imports torchvision, which may not fit this PyTorch."""
    loaders.install(0)
    return importlib.import_module("torch"), importlib.import_module("torchmetrics.functional.classification")


CASES = [(classes, count, seed) for classes in (2, 3, 10) for count in (1, 7, 500) for seed in range(3)]


def drawn(classes: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, classes, count)
    scores = draw.normal(size=(count, classes)).astype(np.float32)
    scores[np.arange(count), labels] += 1
    return scores, labels


@pytest.mark.parametrize(("classes", "count", "seed"), CASES)
def test_accuracy_and_confusion_agree_with_scikit_learn(classes: int, count: int, seed: int) -> None:
    scores, labels = drawn(classes, count, seed)
    answers = scores.argmax(axis=1)
    assert ours.accuracy(scores, labels) == pytest.approx(theirs.accuracy_score(labels, answers), abs=1e-6)
    expected = theirs.confusion_matrix(labels, answers, labels=range(classes))
    np.testing.assert_array_equal(ours.confusion(scores, labels), expected)


@pytest.mark.parametrize(("classes", "count", "seed"), CASES)
def test_macro_f1_agrees_with_scikit_learn(classes: int, count: int, seed: int) -> None:
    scores, labels = drawn(classes, count, seed)
    expected = theirs.f1_score(labels, scores.argmax(axis=1), labels=range(classes), average="macro", zero_division=0)
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


# By hand, with z = 1.959964: (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n), where z2 = 3.841459.
# p = 0.5, n = 10:   1 + z2/n = 1.3841459; middle 0.6920729 / 1.3841459 = 0.5;
#                    half 1.959964 * sqrt(0.025 + 0.009603647) / 1.3841459 = 0.263405
# p = 0.9, n = 100:  1.03841459; middle 0.919207295 / 1.03841459 = 0.885203;
#                    half 1.959964 * sqrt(0.0009 + 0.0000960365) / 1.03841459 = 0.059568
# p = 1, n = 50:     high 1; low 1 / (1 + 3.841459 / 50) = 0.928652
# p = 0, n = 50:     low 0; high 0.07682918 / 1.07682918 = 0.071348
WILSON = [
    (0.5, 10, 0.236595, 0.763405),
    (0.9, 100, 0.825635, 0.944771),
    (1.0, 50, 0.928652, 1.0),
    (0.0, 50, 0.0, 0.071348),
]


@pytest.mark.parametrize(("share", "count", "low", "high"), WILSON)
def test_the_wilson_interval_is_what_the_formula_gives_by_hand(
    share: float, count: int, low: float, high: float
) -> None:
    assert ours.wilson_interval(share, count) == pytest.approx((low, high), abs=2e-6)


def test_without_trials_the_interval_is_everything() -> None:
    assert ours.wilson_interval(0.0, 0) == (0.0, 1.0)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(count: int, at: float) -> None:
    share = round(at * count) / count
    low, high = ours.wilson_interval(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_the_interval_holds_the_truth_about_95_times_in_100() -> None:
    draw = np.random.default_rng(0)
    hits = draw.binomial(200, 0.9, size=4000) / 200
    inside = [low <= 0.9 <= high for low, high in (ours.wilson_interval(float(share), 200) for share in hits)]
    assert 0.935 < np.mean(inside) < 0.97
