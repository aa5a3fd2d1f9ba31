"""Seconds of an epoch are worked out from short passes, or nothing is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.exams.checks import budget_advice
from grader.runner import given_data, keras_pace, pace, short_passes
from grader.runner.training_trace import current

ROWS = 60_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test moves by hand."""
    seconds = [100.0]
    monkeypatch.setattr(pace, "now", lambda: seconds[0])
    return seconds


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Path]:
    given_data.give(np.zeros((600, 2)), np.arange(600) % 10, "mnist", pass_rows=600)
    (tmp_path / "solution.py").write_text("for epoch in range(14): pass\n")
    pace.begin(tmp_path)
    yield tmp_path
    given_data.GIVEN.clear()


def go_through(clock: list[float], seconds: float, first: float, *, trains: bool) -> None:
    """Go through a loader of ROWS rows in batches of 60; each batch takes `seconds`."""
    batches = iter([np.zeros((60, 2))] * 1000)
    for place, _ in enumerate(short_passes.shortened(batches, ROWS, 60)):
        clock[0] += first if place == 0 else seconds
        current().account.steps += trains


def test_an_epoch_is_as_many_rows_as_were_published(rehearsal: Path, clock: list[float]) -> None:
    for _ in range(14):
        go_through(clock, 0.006, first=5.0, trains=True)
    told = pace.PACE.report()
    assert told[0] == "epoch seconds"
    assert float(told[1]) == pytest.approx(1000 * 0.006, rel=0.01)
    assert told[2:] == ["epochs", "14"]


def test_passes_to_test_with_belong_to_the_epoch(rehearsal: Path, clock: list[float]) -> None:
    for _ in range(3):
        go_through(clock, 0.006, first=1.0, trains=True)
        go_through(clock, 0.002, first=1.0, trains=False)
    seconds = float(pace.PACE.report()[1])
    assert seconds == pytest.approx(8.0, rel=0.01)


def test_a_loop_that_may_end_early_says_nothing(rehearsal: Path, clock: list[float]) -> None:
    source = "for x in loader:\n    if late:\n        break\n"
    (rehearsal / "solution.py").write_text(source)
    pace.begin(rehearsal)
    go_through(clock, 0.006, first=1.0, trains=True)
    assert pace.PACE.report() == []


def test_what_did_not_train_is_no_epoch(rehearsal: Path, clock: list[float]) -> None:
    go_through(clock, 0.006, first=1.0, trains=False)
    assert pace.PACE.report() == []


def test_calls_of_fit_are_added_if_they_take_alike() -> None:
    told = pace.Pace()
    told.add_fit(10.0, 3)
    told.add_fit(12.0, 2)
    assert told.report() == ["epoch seconds", "11", "epochs", "5"]
    told.add_fit(90.0, 1)
    assert told.report() == []
    told.add_fit(None, 1)
    assert told.report() == []


SPEC = SimpleNamespace(budget=SimpleNamespace(cpu_seconds=180.0, when_over="stop"))
SESSION: Any = SimpleNamespace(task=SimpleNamespace(spec=SPEC), device="cpu")


@pytest.mark.parametrize(
    ("seconds", "epochs", "says"),
    [
        ("30", "14", "at most 6 epochs fit in the budget of 180 s: one takes about 30 s"),
        ("100", "5", "at most one epoch fits in the budget of 180 s"),
        ("400", "1", "not even one epoch fits in the budget of 180 s"),
    ],
)
def test_more_than_fits_is_advised_against(seconds: str, epochs: str, says: str) -> None:
    reported = {"epoch seconds": seconds, "epochs": epochs}
    (advice,) = budget_advice.epochs_in_budget(SESSION, reported)
    assert advice.status == "advice"
    assert says in advice.says
    assert "graded as it stands" in advice.says


@pytest.mark.parametrize(
    "reported",
    [
        {},
        {"epoch seconds": "10", "epochs": "14"},
        {"epoch seconds": "15", "epochs": "14"},  # as likely in as over
        {"epoch seconds": "nan", "epochs": "14"},
        {"epoch seconds": "1e999", "epochs": "14"},
        {"epoch seconds": "-5", "epochs": "-14"},
        {"epoch seconds": "many", "epochs": "14"},
    ],
)
def test_what_fits_or_is_not_known_is_passed_over(reported: dict[str, str]) -> None:
    assert budget_advice.epochs_in_budget(SESSION, reported) == []


def test_steps_may_be_a_tensor_of_whole_numbers() -> None:
    class Tensor:
        """Like TensorFlow's: it gives its value, and no product with a float."""

        def __float__(self) -> float:
            return 60.0

        def __mul__(self, other: object) -> float:
            raise TypeError("Cannot convert to EagerTensor of dtype int64")

    options = {"validation_steps": Tensor()}
    assert 0.5 * keras_pace.steps(options, "validation_steps") == 30
    assert keras_pace.steps(options, "steps_per_epoch") == 0
