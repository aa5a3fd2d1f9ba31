"""The doctor: what it names, what it says about it, and that it is silent where the evidence is
thin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.trained_runs import DATA, diagnosed

from benchmarks.doctor.recipe_text import LocalText, ask_text, drawn_text, text_solution
from benchmarks.doctor.report import over_budget, report
from benchmarks.doctor.runs import Run, prepared
from grader.doctor import entries
from grader.doctor.diagnose import MOST, diagnose
from grader.doctor.entries import NUMBERS, Entry, catalogue, read_condition, read_entry
from grader.doctor.evidence import Batch, Classified, Failed, Source
from grader.doctor.examine import examine_classifier, examine_function, examine_language
from grader.doctor.observables.answers import COMPARED, MEASURED, observe_classifier
from grader.doctor.observables.curve import TRACED
from grader.doctor.observables.text import observe_text
from grader.doctor.probes.classifier import MOST_EXAMPLES, probe_classifier
from grader.doctor.probes.text import MOST_WINDOWS
from grader.doctor.rules.finder import RULES
from grader.doctor.source import MOST_LINES, read_source, understood
from grader.errors import GraderError, SubmissionFailed
from grader.records import Failure, Status
from grader.sandbox.training_trace import TrainingTrace

Model = Callable[[np.ndarray], np.ndarray]
CLASSES = 4
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


def entry_with(**changes: Any) -> Entry:
    return Entry.model_validate({**ENTRY, **changes})


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


# The catalogue.


def test_every_entry_is_whole() -> None:
    assert len(catalogue()) >= 30
    kinds = {entry.exams[0] for entry in catalogue().values()}
    assert kinds == {"classification", "language", "generation", "functions"}
    for entry in catalogue().values():
        assert len(set(entry.hints)) == 3
        assert all(len(hint) > 20 and hint[-1] in ".?" for hint in entry.hints), entry.code
        assert not any(
            word in " ".join(entry.hints).lower().split()
            for word in ("you", "just", "obviously", "simply")
        )


@pytest.mark.parametrize("code", TRAINED)
def test_an_entry_has_what_produces_it_and_what_must_stay_silent(code: str) -> None:
    entry = catalogue()[code]
    assert entry.mutants
    assert entry.correct


def test_the_first_twelve_are_firm() -> None:
    assert all(catalogue()[code].strength == "firm" for code in FIRST_TWELVE)


def test_every_number_has_one_meaning() -> None:
    assert not (
        MEASURED.keys() & TRACED.keys()
        | MEASURED.keys() & COMPARED.keys()
        | TRACED.keys() & COMPARED.keys()
    )
    assert all(NUMBERS.values())


@pytest.mark.parametrize(
    ("text", "numbers", "holds"),
    [
        ("accuracy <= 0.5", {"accuracy": 0.5}, True),
        ("accuracy < 0.5", {"accuracy": 0.5}, False),
        ("last_loss >= 2 * chance_loss", {"last_loss": 4.7, "chance_loss": 2.3}, True),
        ("last_loss > chance_loss + 0.1", {"last_loss": 2.35, "chance_loss": 2.3}, False),
        ("row_sum_gap <= 1e-3", {"row_sum_gap": 2e-4}, True),
        ("last_loss >= -1.01", {"last_loss": -1.0}, True),
        ("last_loss >= 2 * chance_loss", {"last_loss": 4.7}, False),
        ("accuracy <= 0.5", {}, False),
    ],
)
def test_a_condition_holds_or_not(text: str, numbers: Mapping[str, float], holds: bool) -> None:
    assert read_condition(text).holds(numbers) is holds


@pytest.mark.parametrize(
    "text", ["accuracy", "accuracy = 1", "acuracy < 1", "__import__ < 1", "accuracy < 1; 2", 3]
)
def test_what_is_no_condition_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match=r"condition|nothing measures"):
        read_condition(text)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {
                "signs": [
                    {"all": ["last_loss < 0"], "says": "a"},
                    {"all": ["fall < 0"], "says": "b"},
                ]
            },
            "word",
        ),
        ({"signs": [{"all": ["accuracy < 1"], "says": "a"}]}, "never enough"),
        (
            {"signs": [{"all": ["accuracy < 1"], "says": "{largest}"}, ENTRY["signs"][0]]},
            "none of its conditions is about",
        ),
        ({"source": ["no_such_rule"]}, "no_such_rule"),
        ({"severity": "terrible"}, "severity"),
        ({"hints": ["one"]}, "hints"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_entry_that_claims_too_much_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        entry_with(**changes)


def test_a_file_is_called_after_its_code(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text((entries.FOLDER / "double_softmax.toml").read_text("utf-8"))
    with pytest.raises(GraderError, match="called after its code"):
        read_entry(path)
    path.write_text("code = ")
    with pytest.raises(GraderError, match=r"other\.toml"):
        read_entry(path)


# From numbers to names.


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


# Probes.


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


# Language models.


class Reader:
    """A box that foretells tokens with a function."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.asked = 0

    def logits(
        self, tokens: np.ndarray, vocabulary: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        self.asked += len(tokens)
        return self.model(tokens).astype(np.float32), 1


SIZE = 7
TURNS = np.tile(np.arange(SIZE), 60)  # each token tells the next one


def foretells(tokens: np.ndarray) -> np.ndarray:
    """Name the next token, with some doubt that depends on what was read so far."""
    doubt = 1 + 0.1 * np.sin(np.cumsum(tokens, axis=1))[..., None]
    return 3 * doubt * np.eye(SIZE)[(tokens + 1) % SIZE] - 1


def repeats(tokens: np.ndarray) -> np.ndarray:
    return 9 * np.eye(SIZE)[tokens] - 1


def peeks(tokens: np.ndarray) -> np.ndarray:
    ahead = np.concatenate([tokens[:, 1:], np.zeros((len(tokens), 1), np.int64)], axis=1)
    return 9 * np.eye(SIZE)[ahead] + 0.1 * foretells(tokens)


@pytest.mark.parametrize(
    ("model", "code"), [(foretells, []), (repeats, ["unshifted_target"]), (peeks, ["sees_future"])]
)
def test_a_language_model_is_named_from_its_logits(
    model: Model, code: list[str], tmp_path: Path
) -> None:
    box = Reader(model)
    draw = np.random.default_rng(0)
    found = examine_language(
        box, tmp_path, "solution.py", text=TURNS, vocabulary=SIZE, context=24, draw=draw
    )
    assert [each.code for each in found.diagnoses] == code
    assert found.loss is not None
    assert box.asked == MOST_WINDOWS


def test_a_language_model_that_ends_says_nothing(tmp_path: Path) -> None:
    def ending(tokens: np.ndarray) -> np.ndarray:
        raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, "ended", "gone"))

    draw = np.random.default_rng(0)
    box = Reader(ending)
    found = examine_language(
        box, tmp_path, "a.py", text=TURNS, vocabulary=SIZE, context=24, draw=draw
    )
    assert found == ([], None)


def test_entries_for_both_kinds_hold_for_a_text() -> None:
    configuration = replace(drawn_text(0), dropout=0.2, steps=80)
    source = text_solution(configuration).replace("    model.eval()\n", "")
    numbers = observe_text(ask_text(LocalText(source, 0), 0, 60.0))
    assert [each.code for each in diagnose(numbers, exam="language")] == ["dropout_left_on"]


def test_a_logarithm_of_shares_over_the_batch_is_seen_as_well() -> None:
    def over_batch(batch: np.ndarray) -> np.ndarray:
        scores = right(batch)
        return scores - np.logaddexp.reduce(scores, axis=0)

    assert named(over_batch) == ["softmax_over_batch"]


# The source.


def test_places_are_found_in_a_child(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(
        "import torch\nfrom torch import nn\nfrom parts import Net\n\n\n"
        "def train(data):\n    model = Net()\n    criterion = nn.CrossEntropyLoss()\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=50.0)\n"
        "    for x, y in data.loader(32):\n"
        "        loss = criterion(model(x), y)\n        loss.backward()\n"
        "        optimizer.step()\n    return model\n"
    )
    (tmp_path / "parts.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        return self.out(x).softmax(1)\n"
    )
    source = read_source(tmp_path, "solution.py")
    assert source.is_whole
    assert source.places["no_zero_grad"] == "solution.py:12"
    assert source.places["high_rate"] == "solution.py:9"
    assert source.places["softmax_last"] == "parts.py:6"


@pytest.mark.parametrize(
    ("scheduler", "place"),
    [
        ("StepLR(optimizer, 1)", "solution.py:9"),
        ("StepLR(optimizer, step_size=5, gamma=0.7)", "solution.py:9"),
        ("ExponentialLR(optimizer, 0.9)", "solution.py:9"),
        ("MultiStepLR(optimizer, [3, 6])", "solution.py:9"),
        ("StepLR(optimizer, 1000)", None),
        ("ExponentialLR(optimizer, gamma=0.999)", None),
        ("MultiStepLR(optimizer, milestones=[500, 900])", None),
        ("LambdaLR(optimizer, lambda step: share_of_peak(step))", None),
        ("LinearLR(optimizer, total_iters=100)", None),
        ("OneCycleLR(optimizer, 0.1, total_steps=900)", None),
    ],
)
def test_a_schedule_for_epochs_is_told_from_one_for_steps(
    tmp_path: Path, scheduler: str, place: str | None
) -> None:
    (tmp_path / "solution.py").write_text(
        "from torch.optim import lr_scheduler\n\n\ndef train(data, model, optimizer):\n"
        f"    schedule = lr_scheduler.{scheduler}\n    for epoch in range(9):\n"
        "        for x, y in data.loader(32):\n"
        "            optimizer.step()\n            schedule.step()\n"
        "    return model\n"
    )
    assert read_source(tmp_path, "solution.py").places.get("scheduler_in_batches") == place


@pytest.mark.parametrize(
    "text",
    [
        "def broken(:\n",
        "x = " + "(" * 5000 + ")" * 5000,
        "\x00",
        "x = " + "-" * 200_000 + "1",
        "'\ud800'",
    ],
    ids=["syntax", "deep", "nul", "unary", "surrogate"],
)
def test_source_that_does_not_parse_says_less(tmp_path: Path, text: str) -> None:
    (tmp_path / "solution.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    source = read_source(tmp_path, "solution.py")
    assert source.places == {}
    assert not source.is_whole


def test_a_submission_without_python_has_no_places(tmp_path: Path) -> None:
    assert read_source(tmp_path, "solution.py") == Source()


@pytest.mark.parametrize(
    "line",
    [
        *(
            "no_zero_grad\t9\t3",
            "no_zero_grad\t0\t0",
            f"no_zero_grad\t0\t{MOST_LINES}",
            "made_up\t0\t3",
            "no_zero_grad",
        ),
        *(
            "no_zero_grad\t0\t3\t4",
            "no_zero_grad\t-1\t3",
            "no_zero_grad\t0\t\u0663",
            "\x1b[2J\t0\t1",
            "",
        ),
        f"no_zero_grad\t0\t{'1' * 5000}",
    ],
)
def test_only_known_rules_and_lines_are_taken_from_the_child(line: str) -> None:
    assert understood(f"{line}\nhigh_rate\t0\t3\n", ["a.py"]) == Source({"high_rate": "a.py:3"})


def test_the_whole_way_names_the_line(tmp_path: Path) -> None:
    run = Run("mutant", "mixed_rows", 0, 0)
    text = prepared(run, ("digits",))[1]
    (tmp_path / "solution.py").write_text(text)

    def mixing(batch: np.ndarray) -> np.ndarray:
        rows = batch.reshape(len(batch), -1).astype(np.float64)
        return right(rows.T.reshape(rows.shape).reshape(-1, 4, 4))

    inputs, labels = examples()
    train = (inputs, labels)
    hidden = (mixing(inputs).astype(np.float32), labels)
    draw = np.random.default_rng(0)
    found = examine_classifier(
        Answers(mixing),
        tmp_path,
        "solution.py",
        train=train,
        hidden=hidden,
        classes=CLASSES,
        draw=draw,
    )
    place = next(
        number for number, line in enumerate(text.splitlines(), 1) if "x.T.reshape" in line
    )
    assert (found.diagnoses[0].code, found.diagnoses[0].where) == (
        "mixed_rows",
        f"solution.py:{place}",
    )


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


# Hand-written gradients.


def gradients(
    draw: np.random.Generator, rows: int, change: str = ""
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return right and received (dW1, db1, dW2, db2) of a network with one hidden layer and mean
    squared error.
    """
    X = draw.normal(size=(rows, 3))
    T = draw.normal(size=(rows, 2))
    W1 = draw.normal(size=(3, 4))
    W2 = draw.normal(size=(4, 2))

    def backprop(change: str) -> list[np.ndarray]:
        Z = X @ W1
        H = np.maximum(Z, 0)
        dY = 2 * (H @ W2 - T) / rows
        dZ = dY @ W2.T * (1 if change == "derivative" else (Z > 0))
        share = 1 / rows if change == "bias" else 1
        results = [X.T @ dZ, share * dZ.sum(axis=0), H.T @ dY, share * dY.sum(axis=0)]
        factor = {"times": rows, "over": 1 / rows, "sign": -1, "twice": 2, "half": 0.5}.get(
            change, 1
        )
        results = [factor * each for each in results]
        if change == "turned":
            results[0] = results[0].T
        if change == "zero":
            results[0] = np.zeros_like(results[0])
        return results

    return backprop(""), backprop(change)


def failing(change: str, rows: tuple[int, ...] = (5, 7, 3)) -> list[Failed]:
    draw = np.random.default_rng(3)
    pairs = [(*gradients(draw, count, change), count) for count in rows]
    return [Failed(("dW1", "db1", "dW2", "db2"), right, got, count) for right, got, count in pairs]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        *(
            ("times", "gradient_times_rows"),
            ("over", "gradient_over_rows"),
            ("sign", "gradient_sign"),
        ),
        *(("twice", "gradient_twice"), ("half", "gradient_half"), ("bias", "bias_mean")),
        *(
            ("derivative", "missing_derivative"),
            ("turned", "turned_array"),
            ("zero", "zero_gradient"),
        ),
    ],
)
def test_a_ratio_names_the_mistake_if_two_cases_agree(change: str, code: str) -> None:
    found = examine_function(failing(change))
    assert [each.code for each in found] == [code]
    assert examine_function(failing(change)[:1]) == []
    assert {entry.code for entry in catalogue().values() if entry.exams[0] == "functions"} >= {code}


@pytest.mark.parametrize("rows", [(5, 7, 3), (2, 4), (1, 1)])
def test_right_gradients_have_no_name(rows: tuple[int, ...]) -> None:
    assert examine_function(failing("", rows)) == []
    assert examine_function([]) == []


def test_twice_and_the_number_of_rows_are_told_apart() -> None:
    assert [each.code for each in examine_function(failing("times", (2, 5)))] == [
        "gradient_times_rows"
    ]
    assert [each.code for each in examine_function(failing("twice", (2, 5)))][:1] != [
        "gradient_times_rows"
    ]
    assert [each.code for each in examine_function(failing("twice", (2, 3, 2, 5)))] == [
        "gradient_twice"
    ]


@pytest.mark.parametrize("kind", ["noise", "nan", "shape", "int", "texts"])
def test_values_of_any_kind_have_no_name(kind: str) -> None:
    draw = np.random.default_rng(0)
    cases = []
    for count in (4, 6):
        want = [draw.normal(size=(count, 3)), draw.normal(size=3)]
        got = {
            "noise": [draw.normal(size=(count, 3)), draw.normal(size=3)],
            "nan": [np.full((count, 3), np.nan), np.full(3, np.inf)],
            "shape": [np.zeros(0), np.zeros((2, 2, 2))],
            "int": [np.ones((count, 3), np.int64), np.ones(3, np.int64)],
            "texts": [np.array(["a", "b"]), np.array(["c"])],
        }[kind]
        cases.append(Failed(("dX", "db"), want, got, count))
    assert examine_function(cases) == []


# Trained runs: a few with every test, all of them in `make doctor`.


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
@pytest.mark.parametrize("code", TRAINED)
def test_most_trained_mutants_get_their_name(code: str) -> None:
    count = len(catalogue()[code].mutants)
    names = [diagnosed(Run("mutant", code, seed % count, seed)) for seed in range(50, 54)]
    assert sum(bool(name) for name in names) >= 3, names


@pytest.mark.parametrize("code", TRAINED)
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
    blank = {"accuracy": 0.9}
    lines |= {key: {**line, "numbers": blank} for key, line in list(lines.items())[:9]}
    bad = over_budget(lines)
    assert any(text.startswith("double_softmax: 11 of 20") for text in bad)
    lines |= {"correct//0/0": {"key": "correct//0/0", "numbers": softmax, **about}}
    assert any(text.startswith("correct runs: 1 of 1") for text in over_budget(lines))
