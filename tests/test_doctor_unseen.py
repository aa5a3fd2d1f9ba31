"""Ten scripts no rule was made for, and a handful of runs at the size of real data, as docs/doctor.md has them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.doctor import scale, unseen
from grader.doctor.catalogue import catalogue
from grader.doctor.rules import places
from grader.doctor.syntax import Code

CASES = unseen.cases()
# The place that goes with a mistake, where the source shows one, and its line.
PLACES = {
    "cells_one_after_another": ("softmax_last", "nn.Softmax(dim=1)"),
    "trainer_with_history": ("no_zero_grad", "loss.backward()"),
    "keras_dense": ("equal_init", "layers.Dense(64"),
    "functions_only": ("climbs", "tensor += lr * tensor.grad"),
    "own_batches": ("fresh_order", "np.random.permutation(self.images)"),
    "standardised_once": ("scaled_once", "def predict"),
    "convolutions_with_norm": ("batchnorm_without_eval", "def predict"),
    "rows_through_an_lstm": ("rnn_axis", "nn.LSTM("),
}


def found_in(text: str) -> dict[str, int]:
    """Return rule -> first line."""
    found: dict[str, int] = {}
    for rule, node in places(Code([ast.parse(text)])):
        found.setdefault(rule, getattr(node, "lineno", 1))
    return found


def test_there_are_ten_with_a_mistake_each() -> None:
    assert {path.stem for path in unseen.FOLDER.glob("*.py")} == set(CASES)
    assert len(CASES) == 10
    assert len({case["mistake"] for case in CASES.values()}) == 10
    assert {case["mistake"] for case in CASES.values()} <= catalogue().keys()


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_the_hint_says_can_be_done(name: str) -> None:
    text = (unseen.FOLDER / f"{name}.py").read_text("utf-8")
    other = unseen.mended(name)
    assert other != text
    compile(other, name, "exec")


@pytest.mark.parametrize("name", sorted(PLACES))
def test_the_place_is_found_and_is_gone_once_mended(name: str) -> None:
    text = (unseen.FOLDER / f"{name}.py").read_text("utf-8")
    rule, line = PLACES[name]
    assert line in text.splitlines()[found_in(text)[rule] - 1]
    assert rule not in found_in(unseen.mended(name))


def test_scaling_in_a_class_of_its_own_is_no_other_preparation() -> None:
    text = (unseen.FOLDER / "own_batches.py").read_text("utf-8")
    assert "scaled_once" not in found_in(text)
    assert "scaled_once" in found_in(text.replace("reshape(len(inputs), -1) / 255.0", "reshape(len(inputs), -1)"))


def test_axes_changed_before_a_recurrent_layer_are_no_mistake() -> None:
    text = (unseen.FOLDER / "rows_through_an_lstm.py").read_text("utf-8")
    assert "rnn_axis" not in found_in(text.replace("self.lstm(x)", "self.lstm(x.transpose(0, 1))"))


def test_the_report_counts_what_was_said_the_first_time() -> None:
    right = {"verdict": "accepted", "accuracy": 0.9, "named": ["double_softmax"]}
    wrong = {"verdict": "below_target", "accuracy": 0.1, "named": ["constant_answer"]}
    none = {"verdict": "time_limit_exceeded", "accuracy": None, "named": []}
    cases = {"one": {"mistake": "double_softmax"}, "two": {"mistake": "low_rate"}, "three": {"mistake": "climbing"}}
    text = unseen.section(cases, {"one": {"first": right, "now": right, "mended": right}, "two": {"first": wrong}})
    assert "1 of 2 named right" not in text
    assert "2 of 2 were flagged and 1 named right" in text
    assert "Today 1" in text
    assert "| not run | 10.0 % | - | not run |" in text
    assert "`three`" not in text
    assert "1 of 2 were flagged" in unseen.section(cases, {"one": {"first": right}, "three": {"first": none}})
    assert unseen.section(cases, {}) == ""


def test_a_scale_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such scale: galaxy; there is mnist, imdb, text"):
        scale.run(["galaxy"], tmp_path / "runs.jsonl")
    assert not (tmp_path / "runs.jsonl").exists()


@pytest.mark.parametrize("code", [*scale.SCALES["imdb"][1], ""])
def test_the_recipe_for_reviews_counts_words(code: str) -> None:
    configuration = scale.drawn(1, {"data": ("imdb",), "dropout": (0.2,)}, ("imdb",))
    text = scale.reading_texts(configuration, catalogue()[code].mutants[0] if code else None)
    module: dict[str, object] = {}
    exec(compile(text, "solution.py", "exec"), module)
    table = module["counts"](["good good film", ""])  # type: ignore[operator]
    assert table.shape == (2, scale.WORDS)
    assert (table[0] > 0).sum() == 2
    assert float(table[1].abs().sum()) == 0
    assert "torch.from_numpy(inputs)" not in text


def test_the_report_says_what_was_not_run() -> None:
    softmax = {"row_sum_gap": 0.0, "lowest": 0.0, "whole_share": 0.0, "input_spread": 0.3, "last_loss": 1.47}
    softmax |= {"loss_of_scores": 1.48, "loss_of_shares": 0.02}
    line = {"scale": "mnist", "source": "import torch\n", "numbers": softmax}
    lines = {"a": line | {"code": "double_softmax"}, "b": line | {"code": "", "numbers": {"accuracy": 0.97}}}
    text = scale.section(lines)
    assert "`double_softmax`: double_softmax | `dropout_left_on`: not run" in text
    assert "0 of 1 (97.0%)" in text
    assert "0 of 0 (none run)" in text


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("name", sorted(CASES))
def test_each_gets_its_name_and_the_hint_mends_it(name: str) -> None:
    now = unseen.graded((unseen.FOLDER / f"{name}.py").read_text("utf-8"), name)
    after = unseen.graded(unseen.mended(name), name)
    assert now["named"][:1] == [CASES[name]["mistake"]]
    assert CASES[name]["mistake"] not in after["named"]
    assert after["accuracy"] > max(0.8, now["accuracy"] or 0)
