"""The losses of a training: how they are thinned, found, given and read, and what comes of hostile
ones.
"""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.paths import ROOT
from torch import nn

from grader.doctor.observables.curve import observe_trace
from grader.runner import curve, trace_torch, training_trace
from grader.runner.curve import Curve
from grader.runner.data import Data
from grader.runner.frames import MOST_LOSSES, TRACE_NAMES, TRACE_NUMBERS
from grader.runner.language import Text
from grader.runner.trace_account import Account
from grader.sandbox.training_trace import TrainingTrace, read_trace

STEPS = 12
SCRIPT = """
import torch

model = torch.nn.Linear(3, 4)
optimizer = torch.optim.Adam(model.parameters())
seen = []
for _ in range(7):
    loss = model(torch.ones(2, 3)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    seen.append(loss.item())
"""
RUN_SCRIPT = """
from pathlib import Path
from grader.runner import loaders, script, training_trace
from grader.sandbox.training_trace import read_trace

loaders.install(3)
ran = script.run_script(Path.cwd(), "work.py")
ran.training.account.close(ran.module.model)
found = read_trace(training_trace.current().account.take())
assert found.losses.tolist() == ran.module.seen, found
assert (found.steps, found.held, found.moved) == (7, 1.0, 1.0), found
"""


@pytest.fixture
def seen() -> Iterator[training_trace.Training]:
    """A training that begins now, watched as in a box."""
    trace_torch.watch_torch(torch)
    before = training_trace.current()
    training_trace.begin(training_trace.Training())
    yield training_trace.current()
    training_trace.begin(before)


def told(account: Account, model: Any = None) -> TrainingTrace:
    account.close(model)
    numbers = account.take()
    assert numbers is not None
    assert account.take() is None, "it travels once"
    found = read_trace(numbers)
    assert found is not None
    return found


def data() -> Data:
    return Data(np.zeros((4, 2, 2), np.uint8), np.arange(4), 4, 0, "cpu")


# How a curve is thinned.


@pytest.mark.parametrize(
    "count", [0, 1, 2, 4093, 4094, 4095, 4096, 4097, 8189, 8190, 8191, 20_000, 1_000_003]
)
def test_a_curve_keeps_first_and_last_and_what_is_equally_far_apart(count: int) -> None:
    account = Account()
    for number in range(count):
        account.gradients.note(float(number))
    found = told(account)
    assert found.noted == count
    assert len(found.losses) == len(found.places) <= MOST_LOSSES
    np.testing.assert_array_equal(found.losses, found.places)
    if count < MOST_LOSSES:
        assert len(found.losses) == count
    else:
        assert len(found.losses) >= MOST_LOSSES // 2
        assert (found.losses[0], found.losses[-1]) == (0, count - 1)
        apart = np.diff(found.losses)
        assert len(set(apart[:-1])) == 1
        assert 0 < apart[-1] <= apart[0]


@given(count=st.integers(0, 5000), room=st.integers(4, 33))
def test_it_does_so_whatever_room_there_is(count: int, room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curve, "MOST_LOSSES", 2 * (room // 2))  # room for an odd number, and the last
        kept = Curve()
        for number in range(count):
            kept.note(number)
        values = kept.values()
    assert len(values) <= room
    assert values[:1] + values[-1:] == ([0.0, count - 1.0] if count else [])
    assert set(np.diff(values[:-1])) <= {kept.every}


def test_losses_on_an_accelerator_are_read_in_heaps_and_in_their_order() -> None:
    class Far:
        """A tensor elsewhere, as far as the curve can see."""

        is_cpu = False
        read = 0

        def __init__(self, value: float) -> None:
            self.value = value

        def detach(self) -> Far:
            return self

        def __float__(self) -> float:
            Far.read += 1
            return float(self.value)

    kept = Curve()
    for number in range(curve.WAITING - 1):
        kept.note(Far(number))
    kept.note(0.5)  # and one from here among them
    assert Far.read in (0, curve.WAITING - 1)
    for number in range(10_000):
        kept.note(Far(100 + number))
    assert kept.values()[-1] == 10_099
    assert Far.read < 10_000, "what is not kept is not read"
    assert kept.values() == kept.values()


# What is found.


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4))


class CutOff(nn.Module):
    """Answers with scores that no gradient leads back from."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.inner(x).detach()
        return scores.requires_grad_()


class Listed(nn.Module):
    """Keeps two layers where PyTorch does not see them, and one that is not to be trained."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = [nn.Linear(3, 5), nn.Linear(5, 5)]
        self.norm = nn.BatchNorm1d(5, momentum=0.001)
        self.last = nn.Linear(5, 4)
        self.last.bias.requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.hidden:
            x = torch.relu(layer(x))
        scores: torch.Tensor = self.last(self.norm(x))
        return scores


def losses_of(
    model: nn.Module, after: Callable[[nn.Module], None], losses: int = STEPS
) -> list[float]:
    draw = torch.Generator().manual_seed(1)
    found = []
    for _ in range(losses):
        x = torch.randn(8, 3, generator=draw)
        loss = nn.functional.cross_entropy(model(x), torch.arange(8) % 4)
        model.zero_grad()
        loss.backward()
        after(model)
        found.append(loss.item())
    return found


def stepping(*models: nn.Module, rate: float = 0.1) -> Callable[[nn.Module], None]:
    every = [parameter for model in models for parameter in model.parameters()]
    optimizer = torch.optim.SGD(every, lr=rate)
    return lambda _: optimizer.step()


def by_hand(model: nn.Module) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad


def test_the_losses_of_a_loop_are_found_and_counted(seen: training_trace.Training) -> None:
    model = network()
    losses = losses_of(model, stepping(model))
    found = told(seen.account, model)
    assert found.losses.tolist() == losses
    assert (found.source, found.noted, found.steps, found.backwards) == (
        "gradients",
        STEPS,
        STEPS,
        STEPS,
    )
    assert (found.held, found.moved) == (1.0, 1.0)


def test_the_losses_of_a_script_are_found_without_a_change_of_it(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-c", RUN_SCRIPT],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_nothing_is_taken_once_the_training_is_over(seen: training_trace.Training) -> None:
    model = network()
    losses_of(model, stepping(model))
    seen.account.close(model)
    losses_of(model, stepping(model))
    data().log(loss=7)
    seen.account.fit(SimpleNamespace(history={"loss": [1.0]}))
    assert told(seen.account, model).noted == STEPS


CASES: dict[
    str, tuple[Callable[[], tuple[nn.Module, Any, Callable[[nn.Module], None]]], dict[str, Any]]
] = {}


def case(**expected: Any) -> Callable[[Any], Any]:
    def keep(make: Any) -> Any:
        CASES[make.__name__] = make, expected
        return make

    return keep


@case(steps=0, backwards=STEPS, held=0.0, moved=0.0)
def no_step() -> Any:
    model = network()
    return model, model, lambda _: None


@case(steps=0, backwards=STEPS, held=0.0, moved=1.0)
def steps_by_hand() -> Any:
    model = network()
    return model, model, by_hand


@case(steps=STEPS, backwards=STEPS, held=0.0, moved=0.0)
def the_parameters_of_another_one() -> Any:
    model = network()
    return model, model, stepping(network())


@case(steps=STEPS, backwards=STEPS, held=1.0, moved=0.0, reached=0.0)
def a_loss_cut_off() -> Any:
    model = network()
    cut = CutOff(model)
    return cut, model, stepping(model)


@case(steps=STEPS, backwards=STEPS, held=0.5, moved=0.5, frozen=0.0, listed=0)
def half_of_them() -> Any:
    model = network()
    return model, model, stepping(model[0])  # type: ignore[index]


@case(steps=STEPS, backwards=STEPS, held=None, moved=None)
def a_copy_of_what_was_trained() -> Any:
    model = network()
    return model, copy.deepcopy(model), stepping(model)


@case(steps=STEPS, backwards=STEPS, held=1.0, moved=1.0, reached=1.0)
def a_function_around_the_network() -> Any:
    model = network()
    return model, lambda batch: batch, stepping(model)


@case(steps=None, backwards=STEPS, held=0.0, moved=1.0)
def no_network_and_no_optimizer() -> Any:
    return network(), {"weights": 1}, by_hand


@pytest.mark.parametrize("name", CASES)
def test_what_is_counted_beside_the_losses(name: str, seen: training_trace.Training) -> None:
    make, expected = CASES[name]
    trained, left, after = make()
    losses_of(trained, after)
    found = told(seen.account, left)
    assert {key: getattr(found, key) for key in expected} == expected


def test_layers_in_lists_and_statistics_that_lag_are_counted(
    seen: training_trace.Training,
) -> None:
    model = Listed()
    losses_of(model, stepping(model), 3)
    found = told(seen.account, model)
    assert (found.listed, found.frozen, found.cross_entropy) == (4, 0.25, True)
    assert found.lag is not None
    assert found.lag > 0.99


def test_another_loss_is_no_cross_entropy(seen: training_trace.Training) -> None:
    model = network()
    model(torch.ones(2, 3)).square().mean().backward()
    assert told(seen.account, model).cross_entropy is False


def test_a_training_without_gradients_tells_no_counts(seen: training_trace.Training) -> None:
    found = told(seen.account, network())
    assert (found.steps, found.backwards, found.held, found.moved, found.noted) == (
        None,
        None,
        None,
        None,
        0,
    )


def test_groups_that_join_later_and_optimizers_that_follow_one_another_are_seen(
    seen: training_trace.Training,
) -> None:
    model = network()
    optimizer = torch.optim.SGD(model[0].parameters(), lr=0.1)  # type: ignore[index]
    losses_of(model, lambda _: optimizer.step(), 2)
    optimizer.add_param_group({"params": list(model[2].parameters())})  # type: ignore[index]
    losses_of(model, lambda _: optimizer.step(), 2)
    for _ in range(20):  # each may get the place of the one before in memory
        last = network()
        losses_of(last, stepping(last), 1)
    held = [told(copy.copy(seen.account), each).held for each in (model, last)]
    assert held == [1.0, 1.0]


def test_a_scaled_loss_is_told_as_it_was(seen: training_trace.Training) -> None:
    model = network()
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        loss = model(torch.ones(2, 3)).square().mean()
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    assert told(seen.account, model).losses.tolist() == losses


def test_a_wrapper_that_was_taken_away_tells_less_and_disturbs_nothing(
    seen: training_trace.Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = network()
    monkeypatch.setattr(torch.autograd, "backward", lambda *_, **__: None)
    losses_of(model, stepping(model))
    found = told(seen.account, model)
    assert found.noted == 0
    assert found.steps == STEPS


@pytest.mark.parametrize("loss", [None, "text", [1.0], {"a": 1}, object()])
def test_what_has_no_gradient_is_left_to_the_framework(
    loss: Any, seen: training_trace.Training
) -> None:
    seen.account.gradient(loss)
    assert told(seen.account, network()).noted == 0


# What is given.


class Raises:
    shape = ()

    def __float__(self) -> float:
        raise RuntimeError("no number")

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Unfit:
    def __init__(self, history: Any) -> None:
        self.history = history


def test_what_is_logged_is_told_and_printed_now_and_then(
    seen: training_trace.Training, capsys: pytest.CaptureFixture[str]
) -> None:
    given = data()
    for value in (
        3,
        2.5,
        np.float32(2),
        np.array([1.5]),
        torch.tensor(1.0, requires_grad=True),
        np.array(0.5),
    ):
        given.log(loss=value, accuracy=0.25, about="a\nnote" * 40)
    given.log(accuracy=0.75)
    found = told(seen.account)
    assert found.losses.tolist() == [3, 2.5, 2, 1.5, 1, 0.5]
    assert (found.source, found.steps) == ("logged", None)
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("loss 3  accuracy 0.25  about a note")
    assert last == "accuracy 0.75"
    assert len(first) < 200


def test_a_text_task_logs_too(seen: training_trace.Training) -> None:
    Text("abc", "abc", 8, 0, "cpu").log(loss=1.5)
    assert told(seen.account).losses.tolist() == [1.5]


@pytest.mark.parametrize(
    "value", ["0.1", None, [0.1], {"loss": 1}, np.zeros(3), 1j, object(), b"1", np.array("x")]
)
def test_what_is_no_number_is_left_out_and_said_once(
    value: Any, seen: training_trace.Training, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):
        data().log(loss=value)
    data().log(loss=1.0)
    found = told(seen.account)
    assert found.losses.tolist() in ([1.0], [])
    assert capsys.readouterr().out.count("left out") <= 1


@pytest.mark.parametrize("value", [Raises(), 10**400, np.array([None])])
def test_what_cannot_be_looked_at_is_left_out(value: Any, seen: training_trace.Training) -> None:
    for loss in (value, 1.0, value, 2.0):
        data().log(loss=loss, other=Raises())
    assert told(seen.account).losses.tolist() == [1.0, 2.0]


def test_where_the_last_loss_cannot_be_looked_at_nothing_is_told(
    seen: training_trace.Training,
) -> None:
    for _ in range(MOST_LOSSES + 1):
        data().log(loss=1.0)
    data().log(loss=Raises())
    seen.account.close(None)
    assert seen.account.take() is None


def test_numbers_that_are_not_finite_are_told_as_they_are(seen: training_trace.Training) -> None:
    for value in (math.nan, math.inf, -math.inf, 1.0):
        data().log(loss=value)
    np.testing.assert_array_equal(told(seen.account).losses, [math.nan, math.inf, -math.inf, 1.0])


def test_what_fit_returns_is_told_an_epoch_at_a_time(seen: training_trace.Training) -> None:
    for history in (
        {"loss": [3.0, 2.0], "val_loss": [9.0]},
        {"loss": ["x", 1.0]},
        {},
        None,
        {"loss": None},
    ):
        seen.account.fit(Unfit(history))
    found = told(seen.account)
    assert (found.source, found.losses.tolist()) == ("epochs", [3.0, 2.0, 1.0])


def test_a_batch_of_fit_is_one_loss_whoever_tells_it(seen: training_trace.Training) -> None:
    def backward(value: float) -> None:
        torch.full((), value, requires_grad=True).backward()

    for loss in (0.5, None, 0.25):  # None: a train_step() of the learner's own that tells none
        seen.account.fit_batch_begins()
        backward(2.0)
        backward(3.0)
        seen.account.fit_batch(loss, None)
    seen.account.fit_batch_begins()
    backward(4.0)
    seen.account.fit_batch_ended()  # broken off
    backward(5.0)  # outside of fit
    assert told(seen.account).losses.tolist() == [0.5, 2.0, 3.0, 0.25, 4.0, 5.0]


def test_what_train_on_batch_returns_is_told_call_by_call(seen: training_trace.Training) -> None:
    for answer in (3.0, [2.0, 0.5], {"loss": np.float32(1.0), "accuracy": 0.9}, None, [], {}, "x"):
        seen.account.batch(answer)
    found = told(seen.account)
    assert (found.source, found.losses.tolist()) == ("logged", [3.0, 2.0, 1.0])


TAPES = """
import numpy as np
import tensorflow as tf
import keras
from grader.runner import tracing, training_trace
from grader.sandbox.training_trace import read_trace

tracing.install()
shown = []
weight = tf.Variable([2.0, 3.0])


def step(keep):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(weight**2)
    weight.assign_sub(0.1 * tape.gradient(loss, weight))
    if keep:
        shown.append(float(loss))
    return loss


for _ in range(4):
    step(True)
tf.function(lambda: step(False))()  # inside, a loss is no number yet
with tf.GradientTape() as tape:
    many = weight**2
tape.gradient(many, weight)
training_trace.current().account.close(None)
found = read_trace(training_trace.current().account.take())
assert found.losses.tolist() == shown, (found, shown)

tracing.trace_script()
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse", metrics=["mae"])
shown = [model.train_on_batch(np.ones((4, 2)), np.zeros((4, 1)))[0] for _ in range(3)]
training_trace.current().account.close(model)
found = read_trace(training_trace.current().account.take())
assert found.source == "logged", found
assert found.losses.tolist() == [float(each) for each in shown], (found, shown)
"""


def test_the_losses_of_tapes_and_of_train_on_batch_are_found(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    kept = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(
        [sys.executable, "-c", TAPES],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_what_was_found_goes_before_what_is_given(seen: training_trace.Training) -> None:
    model = network()
    data().log(loss=99)
    losses = losses_of(model, stepping(model))
    assert told(seen.account, model).losses.tolist() == losses


def test_numbers_that_somebody_put_in_its_place_do_not_travel(
    seen: training_trace.Training,
) -> None:
    for planted in ("text", np.zeros(3), [1.0], np.zeros((TRACE_NUMBERS, 1))):
        seen.account.numbers = planted  # type: ignore[assignment]
        assert seen.account.take() is None


# How it is read.


def packed(**head: float) -> np.ndarray:
    numbers = np.zeros(TRACE_NUMBERS)
    usual = {
        "source": 0,
        "noted": 3,
        "every": 1,
        "kept": 3,
        "steps": 3,
        "backwards": 3,
        "held": 1,
        "moved": 1,
    }
    known = dict.fromkeys(TRACE_NAMES, math.nan) | usual | head
    numbers[: len(TRACE_NAMES)] = [known[name] for name in TRACE_NAMES]
    return numbers


@pytest.mark.parametrize(
    "head",
    [
        {"source": 3},
        {"source": -1},
        {"source": math.nan},
        {"noted": -1},
        {"noted": 0.5},
        {"noted": math.inf},
        {"noted": 2},
        {"noted": 1e300},
        {"every": math.nan},
        {"every": 2},
        {"kept": 4097, "noted": 5000},
        {"kept": math.nan},
        {"kept": -3},
    ],
)
def test_a_curve_that_does_not_hold_together_is_not_told(head: dict[str, float]) -> None:
    assert read_trace(packed(**head)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", -1), ("steps", 1e13), ("backwards", 0.5), ("held", 1.1), ("moved", -0.1)],
)
def test_a_count_that_makes_no_sense_is_not_known(name: str, value: float) -> None:
    found = read_trace(packed(**{name: value}))
    assert found is not None
    assert getattr(found, name) is None


@given(
    head=st.lists(
        st.floats() | st.integers(0, 5000).map(float),
        min_size=len(TRACE_NAMES),
        max_size=len(TRACE_NAMES),
    ),
    loss=st.floats(),
)
def test_whatever_is_told_a_reading_comes_out(head: list[float], loss: float) -> None:
    numbers = np.full(TRACE_NUMBERS, loss)
    numbers[: len(head)] = head
    found = read_trace(numbers)
    if found is not None:
        assert len(found.losses) == len(found.places) <= min(MOST_LOSSES, found.noted)
        assert (np.diff(found.places) > 0).all()
        assert 0 <= observe_trace(found).get("held", 0.0) <= 1


def test_an_array_of_another_form_is_not_read() -> None:
    assert read_trace(np.zeros(3)) is None
    assert read_trace(np.zeros(TRACE_NUMBERS, np.float32)) is None


def test_where_the_first_loss_is_no_beginning_nothing_is_said_of_a_fall() -> None:
    losses = np.array([2.0, 1.0, 0.5])
    assert {"first_loss", "fall"} <= observe_trace(TrainingTrace(losses=losses)).keys()
    later = observe_trace(TrainingTrace(source="epochs", losses=losses))
    assert not {"first_loss", "fall"} & later.keys()
    assert later["last_loss"] == 0.5


COMPILED = """
import torch
from grader.runner import imports, tracing, training_trace
from grader.sandbox.training_trace import read_trace

imports.install()
tracing.install()
model = torch.nn.Linear(3, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


@torch.compile(backend="eager")
def step(x):
    optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()


import torch._dynamo
torch._dynamo.config.error_on_recompile = True
for _ in range(12):
    step(torch.ones(2, 3))
training_trace.current().account.close(model)
found = read_trace(training_trace.current().account.take())
assert (found.noted, found.steps, found.held, found.moved) == (12, 12, 1.0, 1.0), found
"""


def test_a_compiled_step_is_watched_and_not_compiled_anew(tmp_path: Path) -> None:
    kept = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", COMPILED],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_losses_that_a_network_of_scikit_learn_keeps_are_told_once(
    seen: training_trace.Training,
) -> None:
    from types import SimpleNamespace as Estimator

    from grader.runner.trace_sklearn import losses_of

    network = Estimator(loss_curve_=[2.0, 1.5])
    search = Estimator(best_estimator_=Estimator(steps=[("scale", None), ("net", network)]))
    assert losses_of(search) == [2.0, 1.5]
    assert losses_of(Estimator(coef_=1)) == []
    seen.account.estimator(losses_of(network))
    network.loss_curve_ = [2.0, 1.5, 1.0]  # partial_fit goes on
    seen.account.estimator(losses_of(network))
    trace = told(seen.account)
    assert trace.losses.tolist() == [2.0, 1.5, 1.0]
    assert not trace.begins
