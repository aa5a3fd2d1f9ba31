"""From numbers to names: two signs make one, and the doctor is silent where evidence is thin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.doctor import (
    CLASSES,
    ENTRY,
    entry_with,
    evidence,
    named,
    right,
)

from grader.doctor.diagnose import MOST, diagnose
from grader.doctor.entries import NUMBERS
from grader.doctor.evidence import Source
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.rules.finder import RULES
from grader.sandbox.training_trace import TrainingTrace


def test_two_signs_make_a_name_and_one_does_not() -> None:
    entry = entry_with()
    both = diagnose({"accuracy": 0.3, "largest": 200.0}, entries=[entry])
    assert [each.code for each in both] == ["some_mistake"]
    assert both[0].because == ["only 30% are right", "scores up to 200"]
    assert both[0].params == {"accuracy": 0.3, "largest": 200.0}
    assert both[0].text_id == "doctor.some_mistake"
    assert diagnose({"accuracy": 0.3, "largest": 1.0}, entries=[entry]) == []


def test_one_sign_and_a_place_make_a_name_and_a_place_alone_does_not() -> None:
    entry = entry_with(source=["high_rate"])
    place = Source({"high_rate": "solution.py:7"})
    found = diagnose({"accuracy": 0.3}, place, entries=[entry])
    assert found[0].where == "solution.py:7"
    assert "solution.py:7" in found[0].because[-1]
    assert diagnose({"accuracy": 0.9}, place, entries=[entry]) == []


def test_a_symptom_counts_only_beside_a_place() -> None:
    signs = [{**sign, "soft": True} for sign in ENTRY["signs"]]  # type: ignore[dict-item]
    entry = entry_with(signs=signs, source=["high_rate"])
    numbers = {"accuracy": 0.3, "largest": 200.0}
    assert diagnose(numbers, entries=[entry]) == []
    assert diagnose(numbers, Source({"high_rate": "a.py:1"}), entries=[entry])


def test_what_the_submission_says_is_never_enough() -> None:
    signs = [
        {"all": ["last_loss < 0"], "says": "the loss is {last_loss}"},
        {"all": ["broken_share > 0.5"], "says": "{broken_share}"},
        {"all": ["accuracy < 0.5"], "says": "{accuracy}"},
    ]
    entry = entry_with(signs=signs, source=["high_rate"])
    told = {"last_loss": -1.0, "broken_share": 0.9, "accuracy": 0.9}
    assert diagnose(told, Source({"high_rate": "a.py:1"}), entries=[entry]) == []
    assert diagnose(told | {"accuracy": 0.1}, entries=[entry])


def test_what_speaks_against_it_wins() -> None:
    entry = entry_with(unless=["source_uses_dropout < 1"])
    numbers = {"accuracy": 0.3, "largest": 200.0}
    assert diagnose(numbers, Source({}, is_whole=True), entries=[entry]) == []
    # not all was read: nothing is known
    assert diagnose(numbers, Source({}, is_whole=False), entries=[entry])
    assert diagnose(numbers, Source({"uses_dropout": "a.py:3"}, is_whole=True), entries=[entry])


def test_at_most_two_are_named_and_what_the_first_explains_is_not() -> None:
    several = [
        entry_with(code=f"mistake_{letter}", rank=10 + place) for place, letter in enumerate("abcd")
    ]
    numbers = {"accuracy": 0.3, "largest": 200.0}
    found = diagnose(numbers, entries=several)
    assert [(each.code, each.likelihood) for each in found] == [
        ("mistake_a", "likely"),
        ("mistake_b", "possible"),
    ]
    several[0] = entry_with(code="mistake_a", explains=["mistake_b", "mistake_c"])
    assert [each.code for each in diagnose(numbers, entries=several)] == ["mistake_a", "mistake_d"]


@given(st.dictionaries(st.sampled_from(sorted(NUMBERS)), st.floats(allow_nan=False), max_size=40))
def test_any_numbers_end_in_at_most_two_texts(numbers: dict[str, float]) -> None:
    for exam in ("classification", "language", "generation", "functions"):
        found = diagnose(numbers, Source(dict.fromkeys(RULES, "solution.py:1")), exam=exam)
        assert len(found) <= MOST
        assert all("{" not in text for each in found for text in each.because)


def test_a_network_that_was_changed_by_hand_was_trained() -> None:
    def guess(batch: np.ndarray) -> np.ndarray:
        return right(batch) / 50

    for moved, codes in ((0.0, ["never_trained"]), (1.0, [])):
        trace = TrainingTrace(losses=np.full(50, 1.4), steps=0, backwards=50, held=0.0, moved=moved)
        numbers = observe_classifier(evidence(guess)[0], trace) | {"train_accuracy": 0.3}
        assert [each.code for each in diagnose(numbers)] == codes, moved


def test_another_loss_than_the_cross_entropy_is_not_held_against_the_answers() -> None:
    def squared(batch: np.ndarray) -> np.ndarray:
        return np.eye(CLASSES)[right(batch).argmax(axis=1)] * 1.1

    numbers = observe_classifier(evidence(squared)[0]) | {
        "train_accuracy": 0.8,
        "loss_of_scores": 0.9,
    }
    for first, codes in ((0.25, []), (1.4, ["other_preparation"])):
        told = {
            "first_loss": first,
            "last_loss": 0.05,
            "worst_loss": first,
            "least_loss": 0.04,
            "fall": 0.9,
        }
        assert [each.code for each in diagnose(numbers | told)] == codes, first


def test_ten_yes_or_no_answers_are_no_squeezed_scores() -> None:
    squeezed = {
        "lowest": 0.0,
        "highest": 0.98,
        "row_sum_gap": 0.5,
        "column_sum_gap": 0.5,
        "whole_share": 0.0,
        "input_spread": 0.3,
        "last_loss": 1.7,
        "loss_of_scores": 1.7,
        "floor_loss": 1.46,
    }
    for of_scores, codes in ((1.0, ["sigmoid_on_scores"]), (0.0, [])):
        numbers = squeezed | {"cross_entropy": of_scores}
        assert [each.code for each in diagnose(numbers)] == codes


# Thin evidence.


def test_a_right_model_is_left_in_peace() -> None:
    assert named(right) == []
    assert named(right, np.geomspace(1.4, 0.01, 200)) == []


@pytest.mark.parametrize(
    "losses",
    [
        np.full(1_000_000, -5.0),
        np.geomspace(1e6, 1e-6, 1_000_000),
        [float("nan")] * 50,
        [float("inf"), -float("inf")] * 9,
        [1e308, -1e308] * 20,
        [0.55] * 40,
        [],
        [0.0],
    ],
    ids=[
        "negative",
        "huge",
        "nan",
        "infinite",
        "extreme",
        "flat",
        "none",
        "zero",
    ],
)
def test_made_up_losses_bring_no_name_for_a_right_model(losses: Any) -> None:
    assert named(right, losses) == []


def test_random_answers_bring_no_name() -> None:
    draw = np.random.default_rng(5)
    assert named(lambda batch: draw.normal(size=(len(batch), CLASSES))) == []
    assert named(lambda batch: draw.dirichlet(np.ones(CLASSES), len(batch)), [0.5] * 20) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1e30])
def test_odd_scores_end_in_no_exception(value: float) -> None:
    numbers = observe_classifier(evidence(lambda batch: np.full((len(batch), CLASSES), value))[0])
    assert all(np.isfinite(each) for each in numbers.values())
    diagnose(numbers)
