"""Scripts no rule was made for, and a handful of runs at the size of real data.

The figures for all of them are in docs/measure/doctor-figures.md.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.doctor import scale, unseen
from grader.doctor.entries import catalogue
from grader.doctor.rules.finder import places
from grader.doctor.rules.syntax import Code

CASES = unseen.cases()
FAULTY = {name: case for name, case in CASES.items() if case["set"] in unseen.FAULTY}
RIGHT = CASES.keys() - FAULTY.keys()
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
    "sklearn_like_estimator": ("dropout_without_eval", "def predict"),
    "red_en_espanol": ("sigmoid_last", "torch.sigmoid(self.salida(x))"),
    "typed_with_settings": ("nll_without_log", "nn.NLLLoss()"),
    "keras_functional_api": ("raw_pixels", "data.inputs"),
    "files_in_one": ("leaves_loop", "return losses.avg"),
    "callbacks_everywhere": ("scheduler_in_batches", "self.sched.step()"),
    "tape_by_hand": ("relu_last", 'layers.Dense(n, activation="relu")'),
    "several_losses_at_once": ("no_zero_grad", "mean.backward()"),
    "exported_notebook": ("low_rate", "learning_rate = 0.00001"),
    "plain_tensors": ("equal_init", "torch.full("),
    "dataclass_settings": ("high_dropout", "nn.Dropout("),
    "body_and_head": ("sum_reduction", "losses.sum().backward()"),
    "keras_small_convnet": ("trains_a_copy", "clone_model("),
    "zip_the_loaders": ("fresh_order", "zip(vectors, digits)"),
    "keras_list_of_units": ("linear_after_linear", "keras.layers.Dense(n,"),
}


def found_in(text: str) -> dict[str, int]:
    """Return rule -> first line."""
    found: dict[str, int] = {}
    for rule, node in places(Code([ast.parse(text)])):
        found.setdefault(rule, getattr(node, "lineno", 1))
    return found


def test_every_script_has_its_case() -> None:
    assert {(path.parent.name, path.stem) for path in unseen.FOLDER.rglob("*.py")} == {
        (case["set"], name) for name, case in CASES.items()
    }
    assert {case["mistake"] for case in FAULTY.values()} <= catalogue().keys()
    assert all(CASES[name]["resembles"] for name in RIGHT)


@pytest.mark.parametrize("each", unseen.FAULTY)
def test_a_set_has_ten_with_a_mistake_each(each: str) -> None:
    mistakes = [case["mistake"] for case in FAULTY.values() if case["set"] == each]
    assert len(mistakes) == len(set(mistakes)) == 10


@pytest.mark.parametrize("name", sorted(FAULTY))
def test_what_the_hint_says_can_be_done(name: str) -> None:
    other = unseen.mended(name)
    assert other != unseen.script(name)
    compile(other, name, "exec")


@pytest.mark.parametrize("name", sorted(PLACES))
def test_the_place_is_found_and_is_gone_once_mended(name: str) -> None:
    text = unseen.script(name)
    rule, line = PLACES[name]
    assert line in text.splitlines()[found_in(text)[rule] - 1]
    assert rule not in found_in(unseen.mended(name))


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_a_correct_one_shows_no_place_of_a_mistake(name: str) -> None:
    # what a script uses, and the layer whose outputs are compared with the task's classes
    harmless = {"uses_dropout", "uses_batchnorm", "loads_weights", "last_outputs"}
    harmless.add("compares_labels")  # where labels meet a loss: it counts where that fails
    # of a layer, of a block
    harmless |= {"zero_head": {"equal_init"}, "residual_cosine": {"relu_last"}}.get(name, set())
    assert found_in(unseen.script(name)).keys() <= harmless


def test_scaling_in_a_class_of_its_own_is_no_other_preparation() -> None:
    text = unseen.script("own_batches")
    assert "scaled_once" not in found_in(text)
    assert "scaled_once" in found_in(
        text.replace("reshape(len(inputs), -1) / 255.0", "reshape(len(inputs), -1)")
    )


def test_axes_changed_before_a_recurrent_layer_are_no_mistake() -> None:
    text = unseen.script("rows_through_an_lstm")
    assert "rnn_axis" not in found_in(text.replace("self.lstm(x)", "self.lstm(x.transpose(0, 1))"))


def in_one_line(text: str) -> str:
    """Return a text as if its lines were not wrapped."""
    return " ".join(text.split())


def test_the_report_counts_what_was_said_the_first_time() -> None:
    right = {"verdict": "accepted", "accuracy": 0.9, "named": ["double_softmax"]}
    wrong = {"verdict": "below_target", "accuracy": 0.1, "named": ["constant_answer"]}
    none = {"verdict": "time_limit_exceeded", "accuracy": None, "named": []}
    mistakes = {"one": "double_softmax", "two": "low_rate", "three": "climbing"}
    cases = {name: {"set": "first", "mistake": mistake} for name, mistake in mistakes.items()}
    found = {"one": {"first": right, "now": right, "mended": right}, "two": {"first": wrong}}
    text = in_one_line(unseen.section(cases, found))
    assert "2 of 2 were flagged and 1 had the right name" in text
    assert "Today 1" in text
    assert "| not run | 10.0 % | - | not run |" in text
    assert "`three`" not in text
    slow = {"one": {"first": right}, "three": {"first": none}}
    assert "1 of 2 were flagged" in in_one_line(unseen.section(cases, slow))
    odd = {"four": {"set": "correct", "resembles": "something else"}}
    graded = {"four": {"first": wrong, "now": none}}
    assert "1 of 1 got any diagnosis; today, 0." in in_one_line(unseen.section(odd, graded))
    assert unseen.section(cases, {}) == ""


def test_a_scale_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such scale: galaxy; choose from mnist, imdb, text"):
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
    softmax = {
        "row_sum_gap": 0.0,
        "lowest": 0.0,
        "whole_share": 0.0,
        "input_spread": 0.3,
        "last_loss": 1.47,
        "classes": 10,
    }
    softmax |= {"loss_of_scores": 1.48, "loss_of_shares": 0.02}
    line = {"scale": "mnist", "source": "import torch\n", "numbers": softmax}
    lines = {
        "a": line | {"code": "double_softmax"},
        "b": line | {"code": "", "numbers": {"accuracy": 0.97}},
    }
    text = scale.section(lines)
    assert "`double_softmax`: double_softmax | `dropout_left_on`: not run" in text
    assert "0 of 1 (97.0%)" in text
    assert "0 of 0 (none run)" in text


@pytest.mark.nightly
@pytest.mark.data
@pytest.mark.parametrize("name", sorted(FAULTY))
def test_each_gets_its_name_and_the_hint_mends_it(name: str) -> None:
    now = unseen.graded(unseen.script(name), name)
    after = unseen.graded(unseen.mended(name), name)
    assert now["named"][:1] == [CASES[name]["mistake"]]
    assert CASES[name]["mistake"] not in after["named"]
    assert after["accuracy"] > max(0.8, now["accuracy"] or 0)


@pytest.mark.nightly
@pytest.mark.data
@pytest.mark.parametrize("name", sorted(RIGHT))
def test_nothing_is_said_of_a_correct_one(name: str) -> None:
    now = unseen.graded(unseen.script(name), name)
    assert now["named"] == []
    assert now["accuracy"] > 0.9
