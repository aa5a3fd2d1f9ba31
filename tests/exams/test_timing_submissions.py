"""Planted submissions that try to look faster or smaller than they are, against a par of the same
model.

Each lies in tests/data/submissions/digits-par/<verdict>/, as test_submissions.py grades them; here
the ratios to par are held against what an honest copy of par gets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from support.paths import SUBMISSIONS

from grader.course.curriculum import find_task
from grader.records import Result, Status
from grader.sandbox import counters
from grader.sandbox.box import MIB

pytestmark = pytest.mark.clock

ACCEPTED = SUBMISSIONS / "digits-par" / "accepted"
TASK = "digits-par"
MAX_GAIN = 1.5  # over an honest copy: two busy cores are a noisy place


@dataclass(frozen=True)
class Bounds:
    """What a submission's figures must be, beside its verdict."""

    max_speed: float = MAX_GAIN
    min_speed: float = 0.0
    max_memory_ratio: float = MAX_GAIN
    min_peak_bytes: float = 0.0
    needs_group: bool = False


BOUNDS = {
    "patches_the_clock": Bounds(min_speed=1 / 2),
    "caches_by_input": Bounds(),
    "works_between_requests": Bounds(),
    "children_burn_the_core": Bounds(),
    "a_daemon_burns_the_core": Bounds(needs_group=True),
    "moves_to_other_cores": Bounds(),
    "sleeps_when_asked_alone": Bounds(max_speed=0.9),
    "frees_its_memory": Bounds(max_memory_ratio=0.5, min_peak_bytes=300 * 1e6),
}
EVERY_TIME = ("patches_the_clock", "a_daemon_burns_the_core", "frees_its_memory")


def has_group() -> bool:
    group = counters.make_group("test-timing", 64 * MIB, 8)
    if group is not None:
        group.remove()
    return group is not None


@pytest.fixture(scope="module")
def honest() -> dict[str, float]:
    """The speed ratio of an honest copy of par, once it was measured."""
    return {}


def speed_of(result: Result) -> float:
    assert "speed_ratio" in result.measurements, f"no phase counts: {result.measurements}"
    return result.measurements["speed_ratio"].value


@pytest.fixture
def baseline(honest: dict[str, float], grade_folder: Callable[..., Result]) -> float:
    if not honest:
        honest["speed_ratio"] = speed_of(grade_folder(ACCEPTED / "as_par", TASK))
    return honest["speed_ratio"]


def test_an_honest_copy_of_par_is_as_fast_and_as_large_as_par(
    grade_folder: Callable[..., Result],
) -> None:
    result = grade_folder(find_task(TASK).reference_folder / "random_features", TASK)
    assert result.verdict.status is Status.ACCEPTED
    assert 1 / MAX_GAIN < speed_of(result) < MAX_GAIN
    assert 0.8 < result.measurements["memory_ratio"].value < 1.25
    assert result.par["accuracy"].value >= 0.96
    assert (
        result.measurements["null_latency_seconds"].value
        < result.measurements["latency_seconds"].value
    )
    assert result.score is not None
    assert result.score.speed > 0
    assert result.score.memory > 0


def tricks() -> list[Any]:
    """Return a trick with the clock, one beside it and one with memory; the others at night.

    test_attacks.py holds each of them against par in a container in every run.
    """
    return [
        pytest.param(name, marks=[] if name in EVERY_TIME else [pytest.mark.nightly])
        for name in sorted(BOUNDS)
    ]


@pytest.mark.parametrize("name", tricks())
def test_a_trick_does_not_look_faster_or_smaller_than_it_is(
    name: str, baseline: float, grade_folder: Callable[..., Result]
) -> None:
    bounds = BOUNDS[name]
    if bounds.needs_group and not has_group():
        pytest.skip("without a control group the process tier can neither see nor freeze a daemon")
    result = grade_folder(ACCEPTED / name, TASK)
    assert result.verdict.status is Status.ACCEPTED, result.verdict.reason
    assert bounds.min_speed * baseline <= speed_of(result) <= bounds.max_speed * max(baseline, 1.0)
    assert result.measurements["memory_ratio"].value <= bounds.max_memory_ratio
    assert result.measurements["peak_memory_bytes"].value >= bounds.min_peak_bytes


WAKES_ITSELF = """
import os
import signal
import threading

solution = {par!r}


def train(data):
    space = {{}}
    exec(solution, space)
    model, me = space["train"](data), os.getpid()
    if os.fork() == 0:
        {leave}
        while True:
            os.kill(me, signal.SIGCONT)

    def burn():
        while True:
            sum(range(1_000))

    threading.Thread(target=burn, daemon=True).start()
    return model
"""
LEAVE = """os.setsid()
        if os.fork() != 0:
            os._exit(0)"""


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param("", id="a child", marks=pytest.mark.nightly),
        pytest.param(LEAVE, id="a daemon"),
    ],
)
def test_waking_itself_while_par_is_asked_is_flagged_or_gains_nothing(
    leave: str, grade_source: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread works while it should be still. Tried without a control group, which is the weaker
    case.
    """
    monkeypatch.setattr(counters, "make_group", lambda *_: None)
    par = (find_task(TASK).reference_folder / "random_features" / "solution.py").read_text("utf-8")
    result = grade_source(WAKES_ITSELF.format(par=par, leave=leave or "pass"), TASK)
    if result.verdict.status is Status.FLAGGED:
        assert result.verdict.code == "worked_while_idle"
        assert result.score is not None
        assert result.score.speed == result.score.memory == 0
    else:
        assert result.verdict.status is Status.ACCEPTED, result.verdict.reason
        assert speed_of(result) <= MAX_GAIN
