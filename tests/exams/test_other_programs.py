"""Other programs: a training that was late because of them is told so, and so are noisy timings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.errors import SubmissionFailed
from grader.exams.teaching import lateness_explained
from grader.host import machine, other_programs
from grader.records import Code, Failure, Status

LATE = Failure(
    Status.TIME_LIMIT_EXCEEDED,
    Code.DEADLINE,
    "while training: no complete answer within the limit of 60 s.",
)
SECONDS = 60.0


def reason_of(
    monkeypatch: pytest.MonkeyPatch, failure: Failure, used: float, all_used: float
) -> str:
    """Return what is said of a failure after a minute on two cores; used: seconds of processor time
    in the box.
    """
    moments = iter([0.0, SECONDS])
    busy = iter([1000.0, 1000.0 + all_used])
    own = iter([5.0, 5.0 + used])
    clock = SimpleNamespace(monotonic=lambda: next(moments), process_time=lambda: 0.0)
    monkeypatch.setattr(other_programs, "time", clock)
    monkeypatch.setattr(other_programs, "busy_seconds", lambda: next(busy))
    monkeypatch.setattr(other_programs, "usable_cores", lambda: [0, 1])
    box: Any = SimpleNamespace(cpu_seconds=lambda: next(own))
    with pytest.raises(SubmissionFailed) as raised, lateness_explained(box):
        raise SubmissionFailed(failure)
    assert raised.value.failure.status is failure.status
    assert raised.value.failure.code == failure.code
    return raised.value.failure.reason


def test_a_training_beside_busy_programs_is_told_how_much_they_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = reason_of(monkeypatch, LATE, used=70.0, all_used=118.0)
    assert said.startswith(LATE.reason)
    assert "Other programs took 40% of the processors meanwhile" in said


@pytest.mark.parametrize(
    ("failure", "used", "all_used"),
    [
        pytest.param(LATE, 110.0, 118.0, id="it used nearly all itself"),
        pytest.param(LATE, 2.0, 4.0, id="it slept"),
        pytest.param(LATE, 0.0, 118.0, id="nobody counted what it used"),
        pytest.param(
            Failure(Status.RUNTIME_ERROR, "raised", "ValueError"),
            10.0,
            118.0,
            id="it failed for another reason",
        ),
    ],
)
def test_others_are_not_blamed_for_more(
    failure: Failure, used: float, all_used: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reason_of(monkeypatch, failure, used, all_used) == failure.reason


def test_the_processor_time_of_this_machine_grows_as_it_works() -> None:
    before = machine.busy_seconds()
    assert before > 0
    while machine.busy_seconds() == before:
        sum(range(100_000))
    assert machine.busy_seconds() > before


@pytest.mark.parametrize(
    ("cores", "used", "all_used", "says"),
    [
        (2, [6.0, 4.0], 11.0, ""),
        (2, [6.0, 4.0], 16.0, "other programs took 30% of the processors meanwhile"),
        (16, [6.0, 4.0], 16.0, ""),
        (2, [0.0, 0.0], 16.0, ""),  # nobody counts what boxes use
        (1, [6.0, 4.0], 10.0, machine.ONE_CORE),
    ],
)
def test_timings_are_called_noisy_for_what_others_took_and_not_for_what_boxes_did(
    cores: int, used: list[float], all_used: float, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = iter([1000.0, 1000.0 + all_used])
    monkeypatch.setattr(other_programs, "busy_seconds", lambda: next(busy))
    monkeypatch.setattr(other_programs, "usable_cores", lambda: list(range(cores)))
    moments = iter([0.0, 10.0])
    clock = SimpleNamespace(monotonic=lambda: next(moments), process_time=lambda: 0.0)
    monkeypatch.setattr(other_programs, "time", clock)
    boxes: list[Any] = [
        SimpleNamespace(cpu_seconds=iter([7.0, 7.0 + seconds]).__next__) for seconds in used
    ]
    assert other_programs.OtherPrograms(*boxes, None).noise() == says
