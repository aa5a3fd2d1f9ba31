"""What the doctor reads out of the reason why a training or an answer failed."""

from __future__ import annotations

import pytest

from grader.doctor.diagnose import diagnose
from grader.doctor.evidence import Source
from grader.doctor.observables.failures import observe_failure

LAYER = Source({"last_outputs": "solution.py:9"})
KERAS = "Received a label value of 7 which is outside the valid range of [0, 4).  Label values: 7 2"


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("while training: IndexError: Target 7 is out of bounds.", ["there is a label 7"]),
        (KERAS, ["there is a label 7", "has 4 outputs"]),
    ],
)
def test_a_label_without_an_output_is_told_by_its_number(reason: str, says: list[str]) -> None:
    found = diagnose(observe_failure(reason, 10, wrong_output=False), LAYER)
    assert [each.code for each in found] == ["too_few_outputs"]
    told = " ".join(found[0].because)
    assert all(each in told for each in says)
    assert found[0].where == "solution.py:9"


def test_an_answer_with_too_few_scores_is_told_beside_the_classes() -> None:
    reason = "answers of shape (64, 3) where (64, 10) was expected"
    found = diagnose(observe_failure(reason, 10, wrong_output=True), LAYER)
    assert found[0].because[0] == "scores in an answer: 3; classes of the task: 10"


@pytest.mark.parametrize(
    "reason",
    [
        "ValueError: Arguments `target` and `output` must have the same rank (ndim). Received: ...",
        "node gradient_tape/compile_loss/mse/sub\nIncompatible shapes: [16] vs. [16,10]",
        "RuntimeError: 0D or 1D target tensor expected, multi-target not supported",
    ],
)
def test_labels_in_another_form_than_the_loss_takes_are_named(reason: str) -> None:
    source = Source({"compares_labels": "solution.py:5"})
    numbers = observe_failure(reason, 10, wrong_output=False)
    assert [each.code for each in diagnose(numbers, source)] == ["label_form"]
    assert diagnose(numbers) == []


def test_another_failure_says_nothing() -> None:
    assert observe_failure("NameError: name 'X' is not defined", 10, wrong_output=False) == {}
