"""Diagnoses on their whole way: from a graded run to the result, the terminal, `check` and the
hints.

That right solutions are not diagnosed is held where they are graded anyway: the references of
`digits` in test_every_task.py, planted ones by `diagnosed` in their expect.toml.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from support.commands import grader

from grader.course.curriculum import course_folder
from grader.records import Details, Result, Status
from grader.results.store import read_details
from grader.terminal import print_result

FAULTY = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        return self.layers(x){LAST}


def train(data):
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr={RATE}, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for _ in range(30):
        for images, labels in data.loader(64):
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
    return net
"""


def source(last: str = "", rate: str = "0.05") -> str:
    return FAULTY.replace("{LAST}", last).replace("{RATE}", rate)


def codes(result: Result) -> list[str]:
    return [diagnosis.code for diagnosis in result.diagnoses]


def test_a_mistake_is_named_with_signs_and_place_and_touches_no_score(
    grade_source: Callable[..., Result],
) -> None:
    result = grade_source(source(".softmax(dim=1)"), "digits", with_par=False)
    assert codes(result)[0] == "double_softmax", result.diagnoses
    [first, *_] = result.diagnoses
    assert first.where == "solution.py:12"
    assert any("sums to 1" in sign for sign in first.because)
    assert result.score is not None
    assert result.verdict.status in (Status.ACCEPTED, Status.BELOW_TARGET)
    console = Console(record=True, width=200)
    print_result(console, result, "")
    assert f"{first.likelihood}: {first.title}  (solution.py:12)" in console.export_text()


def test_the_same_network_without_the_mistake_is_not_diagnosed(
    grade_source: Callable[..., Result],
) -> None:
    assert codes(grade_source(source(), "digits", with_par=False)) == []


def test_a_run_that_fails_for_what_its_model_became_is_diagnosed_all_the_same(
    grade_source: Callable[..., Result],
) -> None:
    result = grade_source(source(rate="1e30"), "digits", with_par=False)
    assert result.verdict.code == "not_finite"
    assert codes(result)[:1] == ["exploding_rate"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("return float(loss), dlogits / n", "return float(loss), dlogits", "gradient_times_rows"),
        ("return float(loss), dlogits / n", "return float(loss), -dlogits / n", "gradient_sign"),
        (
            "return float(loss), dlogits / n",
            "return float(loss), 2 * dlogits / n",
            "gradient_twice",
        ),
        ("dhidden[hidden == 0] = 0", "pass", "missing_derivative"),
    ],
)
def test_gradients_written_by_hand_are_told_apart(
    old: str, new: str, code: str, grade_source: Callable[..., Result]
) -> None:
    right = (course_folder("reference") / "backprop" / "numpy" / "solution.py").read_text("utf-8")
    assert old in right
    result = grade_source(right.replace(old, new), "backprop")
    named = [case.hint for case in result.cases if case.hint]
    assert code in codes(result) or named, "neither the task nor the doctor has a name for it"


def test_check_tells_it_and_the_hints_begin_with_it(tmp_path: Path) -> None:
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "solution.py").write_text(source(".softmax(dim=1)"))
    cache = str(tmp_path / "cache")
    checked = json.loads(
        grader("check", "digits", "--json", cwd=tmp_path, GRADER_CACHE=cache).stdout
    )
    assert checked["diagnoses"][0]["code"] == "double_softmax"
    hint = json.loads(grader("hint", "digits", "--json", cwd=tmp_path, GRADER_CACHE=cache).stdout)[
        "hint"
    ]
    assert "Softmax is applied twice" in hint["about"]
    assert (hint["stage"], hint["of"]) == (1, 3)


# The losses that were told, on their whole way.

LINEAR = """
import numpy as np

EYE = np.eye(10)


def train(data):
    x, w = data.inputs.reshape(len(data.inputs), -1) / 255.0, np.zeros((64, 10))
    for step in range(60):
        p = np.exp(x @ w)
        p /= p.sum(axis=1, keepdims=True)
        w -= 4.0 * x.T @ (p - EYE[data.labels]) / len(x)
        {LOG}
    print("the last words")
    return lambda batch: batch.reshape(len(batch), -1) / 255.0 @ w
"""
HONEST = "data.log(loss=-np.log(p[np.arange(len(x)), data.labels]).mean(), accuracy=0.5)"


def details(result: Result, tmp_path: Path) -> Details | None:
    found = read_details(tmp_path / "results", result)
    return found if isinstance(found, Details) else None


def test_losses_that_were_logged_are_kept(
    grade_source: Callable[..., Result], tmp_path: Path
) -> None:
    result = grade_source(LINEAR.replace("{LOG}", HONEST), "digits", with_par=False)
    kept = details(result, tmp_path)
    assert kept is not None
    curve = kept.reported
    assert curve is not None
    assert (curve.source, curve.noted, curve.places) == ("logged", 60, list(range(1, 61)))
    assert curve.losses[0] == pytest.approx(2.3026, abs=1e-4)
    assert curve.measured == pytest.approx(float(curve.losses[-1]), rel=0.3)
    assert codes(result) == []


@pytest.mark.parametrize(
    ("log", "kept"),
    [
        ("pass", None),
        ("print('loss 0.0001 accuracy 1.0')", None),
        ("data.log(loss=float('nan'))", ["nan"] * 60),
        ("data.log(loss='0.01', accuracy='1')", None),
        ("data.log(loss=-1e300 * (step + 1), **{'x' * 9999: object()})", None),
        ("[data.log(loss=1e-3) for _ in range(20_000)]", [1e-3] * 1000),
    ],
)
def test_losses_that_are_none_or_false_name_nothing_and_change_no_verdict(
    log: str, kept: list[object] | None, grade_source: Callable[..., Result], tmp_path: Path
) -> None:
    result = grade_source(LINEAR.replace("{LOG}", log), "digits", with_par=False)
    assert result.verdict.status is Status.ACCEPTED
    assert codes(result) == []
    found = details(result, tmp_path)
    assert found is not None
    if kept is not None:
        assert found.reported is not None
        assert found.reported.losses == kept
    elif "-1e300" not in log:
        assert found.reported is None


def test_a_diverged_training_is_shown_although_nothing_else_is(
    grade_source: Callable[..., Result], tmp_path: Path
) -> None:
    result = grade_source(source(rate="1e30"), "digits", with_par=False)
    assert result.verdict.code == "not_finite"
    kept = details(result, tmp_path)
    assert kept is not None
    assert kept.reported is not None
    assert kept.reported.source == "gradients"
    assert "nan" in kept.reported.losses
    assert kept.reported.steps == kept.reported.noted


def test_a_rate_that_is_far_too_low_shows_in_the_losses(
    grade_source: Callable[..., Result],
) -> None:
    result = grade_source(source(rate="1e-7"), "digits", with_par=False)
    assert codes(result) == ["low_rate"]
    assert any("of its first value" in sign for sign in result.diagnoses[0].because)


def test_check_keeps_the_last_words(tmp_path: Path) -> None:
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "solution.py").write_text(LINEAR.replace("{LOG}", HONEST))
    checked = json.loads(grader("check", "digits", "--json", cwd=tmp_path).stdout)
    assert "the last words" in checked["printed"]
