"""Other programs: what they may have made late is nobody's fault, and noisy timings are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.errors import Busy, SubmissionFailed
from grader.host import machine, other_programs
from grader.host.other_programs import BUSY_SHARE
from grader.records import Code, Failure, Status
from grader.sandbox.budget_clock import DOUBT, lateness

LATE = Failure(
    Status.TIME_LIMIT_EXCEEDED,
    Code.DEADLINE,
    "while training: no complete answer within the limit of 60 s.",
)
SECONDS = 60.0


def ended(failure: Failure, *, share: float, used: float, doubt: float = DOUBT) -> Exception:
    """Return how a failure ends beside programs that took a share of the processors.

    used: seconds that the box had for itself.
    """
    clock: Any = SimpleNamespace(
        is_contested=share >= BUSY_SHARE, share_of_others=share, used=used, elapsed=3 * SECONDS
    )
    return lateness(failure, clock, SECONDS, doubt=doubt)


def test_a_training_that_others_may_have_made_late_is_nobodys_fault() -> None:
    said = ended(LATE, share=0.4, used=70.0)
    assert isinstance(said, Busy)
    assert str(said).startswith(LATE.reason)
    assert "Other programs took 40% of the processors meanwhile" in str(said)
    assert "not the submission's fault" in str(said)


def test_one_that_nobody_ran_at_all_is_nobodys_fault_on_any_machine() -> None:
    assert isinstance(ended(LATE, share=0.01, used=0.3 * SECONDS), Busy)


def test_others_who_did_little_are_not_blamed() -> None:
    said = ended(LATE, share=0.1, used=SECONDS + 1)
    assert isinstance(said, SubmissionFailed)
    assert said.failure == LATE


@pytest.mark.parametrize(("used", "doubt"), [(DOUBT * SECONDS, DOUBT), (SECONDS, 1.0)])
def test_one_that_had_its_time_all_the_same_is_late(used: float, doubt: float) -> None:
    said = ended(LATE, share=0.8, used=used, doubt=doubt)
    assert isinstance(said, SubmissionFailed)
    assert said.failure.code == Code.DEADLINE
    assert f"it had {used:.0f} s for itself" in said.failure.reason


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
