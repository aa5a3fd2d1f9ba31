"""Trained runs: a few with every test, all of them in `make doctor`."""

from __future__ import annotations

import pytest
from support.doctor import (
    FIRST_TWELVE,
    PLANTED,
)
from support.trained_runs import DATA, diagnosed

from benchmarks.doctor.report import over_budget, report
from benchmarks.doctor.runs import Run, prepared
from grader.doctor.entries import catalogue


@pytest.mark.parametrize(
    "code", [*FIRST_TWELVE, "unshifted_target", "sees_future", "sequence_batch_axis"]
)
def test_a_trained_mutant_gets_its_name(code: str) -> None:
    assert diagnosed(Run("mutant", code, 0, 0))[:1] == [code]


@pytest.mark.parametrize(
    "code", ["double_softmax", "nll_on_shares", "dropout_left_on", "batchnorm_left_on"]
)
def test_a_trained_lookalike_gets_none(code: str) -> None:
    assert diagnosed(Run("lookalike", code, 0, 0)) == []


@pytest.mark.nightly
@pytest.mark.parametrize("code", PLANTED)
def test_most_trained_mutants_get_their_name(code: str) -> None:
    count = len(catalogue()[code].mutants)
    names = [diagnosed(Run("mutant", code, seed % count, seed)) for seed in range(50, 54)]
    assert sum(bool(name) for name in names) >= 3, names


@pytest.mark.parametrize("code", PLANTED)
def test_a_mutant_fits_every_configuration(code: str) -> None:
    entry = catalogue()[code]
    for kind, variants in (("mutant", entry.mutants), ("lookalike", entry.correct)):
        for seed in range(12):
            text = prepared(Run(kind, code, seed % len(variants), seed), DATA)[1]
            compile(text, "solution.py", "exec")


def test_the_report_counts_and_the_budget_fails() -> None:
    softmax = {
        "row_sum_gap": 0.0,
        "lowest": 0.0,
        "whole_share": 0.0,
        "input_spread": 0.3,
        "last_loss": 1.47,
        "classes": 10,
    }
    softmax |= {"loss_of_scores": 1.48, "loss_of_shares": 0.02}
    about = {"configuration": {"data": "digits"}, "places": {}}
    lines = {
        f"mutant/double_softmax/0/{seed}": {
            "key": f"mutant/double_softmax/0/{seed}",
            "numbers": softmax,
            **about,
        }
        for seed in range(20)
    }
    assert over_budget(lines) == []
    assert "20 of 20" in report(lines)
    # of two classes, shares squeezed into 0 to 1 say nothing by their loss
    of_two = {key: {**line, "numbers": softmax | {"classes": 2}} for key, line in lines.items()}
    assert any(text.startswith("double_softmax: 0 of 20") for text in over_budget(of_two))
    blank = {"accuracy": 0.9}
    lines |= {key: {**line, "numbers": blank} for key, line in list(lines.items())[:9]}
    bad = over_budget(lines)
    assert any(text.startswith("double_softmax: 11 of 20") for text in bad)
    lines |= {"correct//0/0": {"key": "correct//0/0", "numbers": softmax, **about}}
    assert any(text.startswith("correct runs: 1 of 1") for text in over_budget(lines))
