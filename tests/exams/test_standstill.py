"""A box that does not stand still: the submission's failure if others do, our trouble if not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.constant_box import ConstantBox, ConstantSandbox

from grader.course.curriculum import find_task
from grader.errors import NeverStill
from grader.exams.session import Session
from grader.exams.standstill import standstill_failure
from grader.intake.submission import open_submission
from grader.records import Code, Status
from grader.sandbox import box as boxes
from grader.sandbox.box import STILL_SECONDS, Box, Limits


class Restless(ConstantBox):
    """A box that is frozen only after a while, or never."""

    seconds = 0.0  # that freezing it takes
    stops = True

    def _freeze(self) -> bool:
        CLOCK.now += self.seconds
        return self.stops


class MadeOf(ConstantSandbox):
    """Makes boxes of one kind."""

    def __init__(self, kind: type[ConstantBox]) -> None:
        super().__init__(0)
        self.kind = kind

    def open(self, folder: Path, limits: Limits, *, device: str = "cpu") -> Box:
        return self.kind(limits, 0)


CLOCK = SimpleNamespace(now=0.0)


@pytest.fixture(autouse=True)
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    CLOCK.now = 0.0
    monkeypatch.setattr(boxes, "time", SimpleNamespace(perf_counter=lambda: CLOCK.now))


def session(tmp_path: Path, kind: type[ConstantBox] = ConstantBox) -> Session:
    folder = find_task("digits").reference_folder / "linear"
    submission, task = open_submission(folder, tmp_path / "opened", task_id="digits")
    return Session(task, submission, MadeOf(kind))


def trouble_of(box: Box, times: int = 1) -> NeverStill:
    for _ in range(times - 1):
        box.freeze()
    with pytest.raises(NeverStill) as raised:
        box.freeze()
    return raised.value


def test_a_box_that_never_stands_still_is_told_from_one_that_does() -> None:
    ConstantBox(Limits(), 0).freeze()
    restless = Restless(Limits(), 0)
    restless.stops = False
    assert "did not stand still" in str(trouble_of(restless))


def test_waiting_for_it_again_and_again_has_an_end() -> None:
    slow = Restless(Limits(), 0)
    slow.seconds = STILL_SECONDS / 10
    trouble_of(slow, times=11)


@pytest.mark.parametrize("is_submissions", [True, False])
def test_it_is_the_submissions_failure_where_a_fresh_box_of_ours_obeys(
    is_submissions: bool, tmp_path: Path
) -> None:
    trouble = NeverStill("it moved", is_submissions=is_submissions)
    if not is_submissions:  # par's, say
        with pytest.raises(NeverStill):
            standstill_failure(session(tmp_path), trouble)
        return
    failure = standstill_failure(session(tmp_path), trouble)
    assert (failure.status, failure.code) == (Status.INVALID_SUBMISSION, Code.NEVER_STILL)


def test_it_is_our_trouble_where_no_box_can_be_frozen(tmp_path: Path) -> None:
    class NeverStops(Restless):
        stops = False

    trouble = NeverStill("it moved", is_submissions=True)
    with pytest.raises(NeverStill, match="it moved"):
        standstill_failure(session(tmp_path, NeverStops), trouble)


def test_a_session_knows_whose_box_it_is(tmp_path: Path) -> None:
    held: Any = session(tmp_path)
    with held:
        assert held.open().is_submissions
        assert held.open(counts=False).is_submissions
        assert not held.open(held.submission).is_submissions
