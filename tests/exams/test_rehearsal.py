"""What `grader check` advises beyond the contract: from planted mistakes, from right solutions, and
from liars.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.paths import ROOT

from grader.commands.parts.checking import Checked, check_submission
from grader.course.datasets import digits, imdb
from grader.errors import Busy, SubmissionFailed
from grader.exams.checks import rehearsal
from grader.exams.outcome import Outcome
from grader.exams.session import Silent
from grader.exams.stand_in import too_small
from grader.records import Advice, Code, Diagnosis, Failure, Status
from grader.runner.frames import TRACE_NAMES, TRACE_NUMBERS, LossSource
from grader.sandbox.training_trace import TrainingTrace

NET = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 32)
        self.last = nn.Linear(32, 10)
        self.spare = nn.Linear(3, 3)

    def forward(self, x):
        return self.last(torch.relu(self.first(x.flatten(1))))


def train(data):
    net = Net()
    optimizer = torch.optim.Adam(HELD.parameters(), 0.01)
    for _ in range(3):
        for inputs, labels in data.loader(20):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(inputs), labels).backward()
            optimizer.step()
    return net
"""
MEANS = """
import numpy as np


def train(data):
    classes = range(data.num_classes)
    means = np.stack([data.inputs[data.labels == c].mean(axis=0).ravel() for c in classes])
    offsets = (means**2).sum(axis=1) / 2
    return lambda batch: batch.reshape(len(batch), -1) @ means.T - offsets
"""
KNOWS_NOTHING = """
import numpy as np


def train(data):
    return lambda batch: np.tile(np.arange(10, dtype=np.float32), (len(batch), 1))
"""
BY_THE_BATCH = """
import numpy as np


def train(data):
    inputs = data.inputs.reshape(len(data.inputs), -1) / 255
    inputs -= inputs.mean(axis=0)
    means = np.stack([inputs[data.labels == c].mean(axis=0) for c in range(data.num_classes)])

    def model(batch):
        rows = batch.reshape(len(batch), -1) / 255
        return (rows - rows.mean(axis=0)) @ means.T - (means**2).sum(axis=1) / 2

    return model
"""


def checked(source: str, tmp_path: Path, task_id: str = "digits", **options: Any) -> Checked:
    (tmp_path / "solution.py").write_text(source)
    words: dict[str, Any] = {"task_id": task_id, "sandbox_name": "process", "progress": Silent()}
    return check_submission(tmp_path / "solution.py", tmp_path / "scratch", **words, **options)


def statuses(outcome: Checked) -> dict[str, str]:
    return {each.about: each.status for each in outcome.outcome.advice}


def says(outcome: Checked, about: str) -> str:
    return next(each.says for each in outcome.outcome.advice if each.about == about)


@pytest.fixture
def ample_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a rehearsal says less; here it shall say all."""
    monkeypatch.setattr(rehearsal, "REHEARSAL_SECONDS", 900.0)
    monkeypatch.setattr(rehearsal, "TRY_SECONDS", 300.0)


# Whole checks.


@pytest.mark.usefixtures("ample_time")
def test_a_right_solution_without_a_framework_is_told_what_cannot_be_seen(tmp_path: Path) -> None:
    outcome = checked(MEANS, tmp_path)
    assert outcome.ready
    found = statuses(outcome)
    assert found.pop("known mistakes") in (
        "pass",
        "advice",
    )  # a linear model may be told that it is one
    assert found == {
        "loss at chance": "skip",
        "gradients": "skip",
        "company": "pass",
        "by heart": "pass",
    }
    assert "knows 20" in says(outcome, "by heart")


@pytest.mark.usefixtures("ample_time")
def test_layers_that_were_never_trained_are_named_and_nothing_is_blocked(tmp_path: Path) -> None:
    outcome = checked(NET.replace("HELD", "net"), tmp_path)
    assert outcome.ready
    assert statuses(outcome)["loss at chance"] == "pass"
    assert "spare.weight (it never got a gradient)" in says(outcome, "gradients")
    assert "first" not in says(outcome, "gradients")
    assert statuses(outcome)["by heart"] == "pass"


@pytest.mark.usefixtures("ample_time")
def test_answers_that_follow_the_batch_are_advised_against(tmp_path: Path) -> None:
    outcome = checked(BY_THE_BATCH, tmp_path)
    assert outcome.ready
    assert statuses(outcome)["company"] == "advice"
    assert "alone than in a batch" in says(outcome, "company")


@pytest.mark.usefixtures("ample_time")
def test_what_learns_nothing_does_not_know_the_twenty(tmp_path: Path) -> None:
    outcome = checked(KNOWS_NOTHING, tmp_path)
    assert outcome.ready
    assert statuses(outcome)["by heart"] == "advice"
    assert "knows 2." in says(outcome, "by heart")


@pytest.mark.usefixtures("ample_time")
def test_advice_is_part_of_the_report_and_of_what_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.commands.parts.console import console

    outcome = checked(KNOWS_NOTHING, tmp_path)
    report = outcome.as_dict()["advice"]
    assert [each["about"] for each in report] == [each.about for each in outcome.outcome.advice]
    assert {each["status"] for each in report} <= {"pass", "advice", "skip"}
    outcome.print(console())
    printed = capsys.readouterr().out
    assert "ADVICE  by heart" in printed
    assert "SKIP    gradients" in printed


def test_a_function_task_is_checked_as_ever_and_a_submit_does_not_rehearse(tmp_path: Path) -> None:
    functions = (ROOT / "reference" / "neuron" / "numpy" / "solution.py").read_text("utf-8")
    assert checked(functions, tmp_path, "neuron").outcome.advice == []
    (tmp_path / "other").mkdir()
    assert checked(MEANS, tmp_path / "other", advising=False).outcome.advice == []


@pytest.mark.usefixtures("ample_time")
def test_a_second_training_that_fails_is_skipped_with_its_reason(tmp_path: Path) -> None:
    refuses = MEANS.replace(
        "def train(data):\n",
        "def train(data):\n    assert len(np.unique(data.inputs, axis=0)) > 50, 'too few'\n",
    )
    outcome = checked(refuses, tmp_path)
    assert outcome.ready
    assert statuses(outcome)["by heart"] == "skip"
    assert "too few" in says(outcome, "by heart")


# Its parts.


@pytest.mark.parametrize(
    ("losses", "begins", "status"),
    [
        ([2.31, 1.0], True, "pass"),
        ([14.2, 1.0], True, "advice"),
        ([14.2, 1.0], False, "advice"),
        ([0.09, 0.01], True, "advice"),
        ([0.09, 0.01], False, "skip"),
        ([math.nan, 1.0], True, "advice"),
        ([], True, "skip"),
    ],
)
def test_the_first_loss_is_compared_with_a_guess(
    losses: list[float], begins: bool, status: str
) -> None:
    advice = rehearsal.loss_at_chance(
        TrainingTrace("gradients" if begins else "epochs", np.array(losses), cross_entropy=True),
        10,
        "classes",
    )
    assert advice.status == status
    assert math.isnan(losses[0]) if "nan" in advice.says else "2.30" in advice.says


@pytest.mark.parametrize("known", [False, None])
@pytest.mark.parametrize("first", [0.09, 30.0])
def test_another_loss_than_a_cross_entropy_may_begin_anywhere(
    first: float, known: bool | None
) -> None:
    trace = TrainingTrace(losses=np.array([first, first / 2]), cross_entropy=known)
    advice = rehearsal.loss_at_chance(trace, 10, "classes")
    assert advice.status == "skip"
    assert f"{first:.3g}" in advice.says


@pytest.mark.parametrize(
    ("source", "reason", "is_small"),
    [
        ("x = data[range(12000)]", "IndexError: index 551 is out of bounds", True),
        ("x = x.reshape((60000, 784))", "ValueError: cannot reshape array of size 431200", True),
        ("x = x.reshape(-1, 784)", "RuntimeError: shape '[-1, 784]' is invalid", False),
        ("x = data[range(12)]", "IndexError: index 11 is out of bounds", False),
        ("x = data[range(12000)]", "NameError: name 'y' is not defined", False),
    ],
)
def test_a_script_that_counts_on_the_whole_data_set_is_not_rejected(
    source: str, reason: str, is_small: bool, tmp_path: Path
) -> None:
    (tmp_path / "solution.py").write_text(source)
    failure = Failure(Status.RUNTIME_ERROR, Code.RAISED, reason)
    advice = too_small(failure, tmp_path, "solution.py", 550)
    assert (advice is not None) is is_small
    if advice is not None:
        assert advice.status == "skip"
        assert "solution.py:1" in advice.says
        assert "550" in advice.says


def test_a_training_that_tells_nothing_is_not_judged() -> None:
    assert rehearsal.loss_at_chance(None, 31, "characters").status == "skip"


def test_what_a_runner_says_of_its_parameters_is_cut_short_and_never_a_number_of_ours() -> None:
    told = {"parameters": "9" * 5000, "frozen": "x" * 5000, "unreached": "y" * 5000}
    advice = rehearsal.gradients(told)
    assert advice.status == "advice"
    assert len(advice.says) < 1000
    assert len(rehearsal.gradients(told | {"unreached": ""}).says) < 1000
    assert rehearsal.gradients({}).status == "skip"
    assert rehearsal.gradients({"parameters": "0"}).status == "skip"


def test_the_twenty_hold_every_class_as_evenly_as_can_be() -> None:
    for dataset in (
        digits.stand_in(np.random.default_rng(0)),
        imdb.stand_in(np.random.default_rng(0)),
    ):
        inputs, labels = rehearsal.twenty(dataset, np.random.default_rng(1))
        assert len(inputs) == len(labels) == 20
        assert set(np.bincount(labels, minlength=dataset.num_classes)) == {
            20 // dataset.num_classes
        }
        known = dict(
            zip(map(bytes_of, dataset.train_inputs), dataset.train_labels.tolist(), strict=True)
        )
        assert [known[bytes_of(each)] for each in inputs] == labels.tolist()


def bytes_of(example: Any) -> bytes:
    return example.encode() if isinstance(example, str) else bytes(example.tobytes())


def test_how_often_they_are_repeated_follows_from_the_first_training() -> None:
    # Imports were in these seconds, or nothing was.
    assert rehearsal.epochs(600, 0.2, False) == (20_000, 600)
    assert rehearsal.epochs(600, 24.0, False) == (600,)
    assert rehearsal.epochs(600, 8.0, False) == (3000, 600)
    assert rehearsal.epochs(100, 0.2, True) == (100,)


@pytest.mark.parametrize(
    ("steps", "is_at_chance", "left"),
    [
        (14, True, ["seen"]),
        (14, False, ["guessed", "seen"]),
        (500, True, ["guessed", "seen"]),
        (None, True, ["guessed", "seen"]),
    ],
)
def test_a_model_that_guesses_after_a_few_steps_is_blamed_for_what_its_source_shows_alone(
    steps: int | None, is_at_chance: bool, left: list[str]
) -> None:
    found = Outcome(diagnoses=[diagnosis("guessed", ""), diagnosis("seen", "solution.py:4")])
    advice = rehearsal.known_mistakes(found, steps, is_at_chance=is_at_chance)
    assert advice.status == "advice"
    assert [each.code for each in found.diagnoses] == left
    found = Outcome(diagnoses=[diagnosis("guessed", "")])
    advice = rehearsal.known_mistakes(found, steps, is_at_chance=is_at_chance)
    assert advice.status == ("skip" if left == ["seen"] else "advice")


def diagnosis(code: str, where: str) -> Diagnosis:
    return Diagnosis(code=code, text_id=code, title=code, severity="essential", where=where)


def late(length: int, seconds: float) -> Advice:
    raise SubmissionFailed(
        Failure(Status.TIME_LIMIT_EXCEEDED, "deadline", f"later than {seconds:.0f} s")
    )


def test_a_try_that_takes_too_long_is_followed_by_a_shorter_one() -> None:
    tried: list[int] = []

    def learned(length: int, seconds: float) -> Advice:
        tried.append(length)
        return late(length, seconds) if length > 600 else Advice("by heart", "pass", "")

    now = time.perf_counter()
    assert rehearsal.learn(learned, (20_000, 600), 1.0, now).status == "pass"
    assert tried == [20_000, 600]
    advice = rehearsal.learn(late, (20_000, 600), 1.0, now)
    assert advice.status == "skip"
    assert "repeated to make 600" in advice.says


def test_a_try_that_others_made_late_is_left_out_and_ends_no_check() -> None:
    def learned(length: int, seconds: float) -> Advice:
        raise Busy("other programs took 90 % of the processors")

    advice = rehearsal.learn(learned, (20_000, 600), 1.0, time.perf_counter())
    assert advice.status == "skip"
    assert "other programs took the processors" in advice.says


def test_after_a_few_steps_only_what_was_learned_is_told() -> None:
    assert rehearsal.by_heart(19, 20, 1, "examples", "too short").status == "pass"
    assert rehearsal.by_heart(18, 20, 1, "examples", "too short").status == "skip"
    assert rehearsal.by_heart(18, 20, 1, "examples", "").status == "advice"


def test_what_learns_without_steps_is_blamed_only_where_it_knows_no_more_than_guessing() -> None:
    counts = None  # nobody saw a step, as with a table of which character follows which
    assert "may not be made to know all" in rehearsal.uncertain(counts, 120, 40)
    assert rehearsal.uncertain(counts, 41, 40) == ""
    assert rehearsal.uncertain(told([2.3, 1.9], 300), 120, 40) == ""


def told(losses: list[float], steps: int) -> np.ndarray:
    """Return what a runner sends of a training: each of these losses, and so many steps."""
    known = {
        "source": LossSource.GRADIENTS,
        "noted": len(losses),
        "every": 1,
        "kept": len(losses),
        "steps": steps,
    }
    numbers = np.zeros(TRACE_NUMBERS)
    numbers[: len(TRACE_NAMES)] = [known.get(name, 1.0) for name in TRACE_NAMES]
    numbers[len(TRACE_NAMES) : len(TRACE_NAMES) + len(losses)] = losses
    return numbers


@pytest.mark.parametrize(
    ("last", "steps", "epoch", "why"),
    [
        (1.2, 500, 600, "fell from 3 to 1.2"),
        (2.9, 500, 600, ""),  # it does not fall
        (0.01, 500, 600, ""),  # it fell, and the answers are wrong all the same
        (math.nan, 500, 600, ""),
        (1.2, 20, 600, "only a few steps"),
        (2.9, 20, 20_000, ""),
    ],
)
def test_a_loss_that_still_falls_is_no_failure(
    last: float, steps: int, epoch: int, why: str
) -> None:
    losses = [3.0] * 20 + [last] * 20
    says = rehearsal.unfinished(told(losses, steps), epoch)
    assert why in says
    assert bool(says) is bool(why)
    assert "only a few steps" in rehearsal.unfinished(None, 600)
    assert rehearsal.unfinished(None, 20_000) == ""


def test_a_slow_start_is_not_called_a_low_rate() -> None:
    seen = diagnosis("low_rate", "solution.py:4")
    other = diagnosis("double_softmax", "")
    found = Outcome(diagnoses=[diagnosis("low_rate", ""), other, seen])
    rehearsal.known_mistakes(found, steps=14)
    assert found.diagnoses == [other, seen]


def test_nothing_is_begun_when_the_time_is_nearly_over() -> None:
    def learned(length: int, seconds: float) -> Advice:
        raise AssertionError("begun")

    began = time.perf_counter() - rehearsal.REHEARSAL_SECONDS
    assert rehearsal.learn(learned, (20_000, 600), 1.0, began).status == "skip"
    assert rehearsal.learn(learned, (600,), 59.0, time.perf_counter()).status == "skip"


# What the runner sees of parameters, in a process of its own: it changes the frameworks.

WATCHED = """
from grader.runner import imports, tracing, training_trace
imports.install()
tracing.install()
{training}
account = training_trace.current().account
account.close(net if "net" in globals() else None)
print("|".join(account.told))
"""
TORCH = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
{change}
optimizer = torch.optim.AdamW(net.parameters(), {rate})
for _ in range(3):
    optimizer.zero_grad()
    net(torch.rand(8, 3)).square().sum().backward()
    optimizer.step()
"""
FIRST_FROZEN = "net[0].requires_grad_(False)"
DEAD = "nn.init.constant_(net[0].bias, -100)"


@pytest.mark.parametrize(
    ("change", "rate", "told"),
    [
        ("", 0.01, "parameters|4|frozen|0|unreached|"),
        (FIRST_FROZEN, 0.01, "parameters|2|frozen|2|unreached|"),
        (
            "",
            0.0,
            "4|frozen|0|unreached|0.weight (it never changed), 0.bias (it never changed), "
            "2.weight (it",
        ),
        (
            DEAD,
            0.01,
            "unreached|0.weight (its gradient is always 0), 0.bias (its gradient is always 0), "
            "2.weight (its",
        ),
    ],
)
def test_parameters_that_training_never_reached_are_told_by_name(
    change: str, rate: float, told: str
) -> None:
    pytest.importorskip("torch")
    assert told in watched(TORCH.format(change=change, rate=rate))


def test_a_training_without_an_optimizer_tells_nothing() -> None:
    assert watched("import numpy") == ""


@pytest.mark.nightly
def test_a_layer_of_keras_that_never_changes_is_told() -> None:
    pytest.importorskip("keras")
    training = """
import keras, numpy as np
inputs = keras.Input((3,))
hidden = keras.layers.Dense(4, name="cut")(inputs)
outputs = keras.layers.Dense(2, name="last")(keras.ops.stop_gradient(hidden))
net = keras.Model(inputs, outputs)
net.compile("adam", "mse")
net.fit(np.random.rand(32, 3), np.random.rand(32, 2), verbose=0)
"""
    told = watched(training)
    assert told.startswith("parameters|4|frozen|0|unreached|")
    assert "cut/kernel (it never changed)" in told
    assert "last" not in told


def watched(training: str) -> str:
    code = WATCHED.format(training=training)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")
