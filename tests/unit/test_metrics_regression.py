"""Metrics of regression against scikit-learn and figures computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as theirs

from grader.metrics import regression as ours

DRAWS = [(count, seed) for count in (2, 7, 500) for seed in range(3)]


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers near their targets, float32 (n,) each."""
    draw = np.random.default_rng(seed)
    targets = draw.normal(150, 70, count).astype(np.float32)
    return (targets + draw.normal(0, 40, count)).astype(np.float32), targets


@pytest.mark.parametrize(("count", "seed"), DRAWS)
def test_all_three_agree_with_scikit_learn(count: int, seed: int) -> None:
    answers, targets = drawn(count, seed)
    exact = (targets.astype(np.float64), answers.astype(np.float64))
    error = ours.absolute_errors(answers, targets)
    assert error.mean() == pytest.approx(theirs.mean_absolute_error(*exact))
    root = ours.root_mean_squared_error(answers, targets)
    assert root == pytest.approx(theirs.root_mean_squared_error(*exact))
    assert ours.explained_variance(answers, targets) == pytest.approx(theirs.r2_score(*exact))


def test_errors_are_distances_whatever_their_sign() -> None:
    answers = np.array([1.0, 4.0, 3.0, 0.0], np.float32)
    targets = np.array([1.0, 2.0, 5.0, 4.0], np.float32)
    errors = ours.absolute_errors(answers, targets)
    assert errors.tolist() == [0.0, 2.0, 2.0, 4.0]
    assert errors.dtype == np.float64
    assert ours.root_mean_squared_error(answers, targets) == pytest.approx(np.sqrt(6))


def test_explained_variance_is_1_for_the_targets_0_for_their_mean_and_below_for_worse() -> None:
    targets = np.array([1.0, 2.0, 6.0], np.float32)
    assert ours.explained_variance(targets, targets) == 1
    assert ours.explained_variance(np.full(3, 3, np.float32), targets) == pytest.approx(0)
    assert ours.explained_variance(-targets, targets) < 0


def test_a_small_error_on_large_targets_is_not_rounded_away() -> None:
    targets = np.array([2.0**24 - 1, 2.0**24 - 3], np.float32)
    answers = targets - np.float32(1)
    assert ours.absolute_errors(answers, targets).tolist() == [1.0, 1.0]
