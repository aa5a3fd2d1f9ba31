"""The clock of a budget: what others took from a box is not its own, and it can't claim more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from support.waiting import becomes

from grader.errors import Busy, SubmissionFailed
from grader.host.other_programs import BUSY_SHARE
from grader.host.waiting import Waiting, waited_by_thread
from grader.records import Code, Failure, Status
from grader.sandbox import budget_clock
from grader.sandbox.budget_clock import DOUBT, MOST_WALL, SPARE_CORES, BudgetClock, lateness

CORES = 2  # of the machine in these tests
SPIN = "while True: pass"


class Machine:
    """A machine whose counters say what a test wants, with one box on it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, counts_threads: bool = True) -> None:
        self.now = self.own = self.everybody = self.waited = 0.0
        self.share: float | None = 0.0
        self.here = [1]
        monkeypatch.setattr(budget_clock, "busy_seconds", lambda: self.everybody)
        monkeypatch.setattr(budget_clock, "usable_cores", lambda: list(range(CORES)))
        waiting = SimpleNamespace(look=lambda pids: self.waited, is_known=counts_threads)
        monkeypatch.setattr(budget_clock, "Waiting", lambda: waiting)

    def cpu_seconds(self) -> float:
        return self.own

    def local_pids(self) -> Iterable[int]:
        return self.here

    def clock(self, cores: int = 1) -> BudgetClock:
        others: Any = SimpleNamespace(share=lambda: self.share)
        return BudgetClock(self, cores, others, clock=lambda: self.now)

    def passes(
        self, seconds: float, *, own: float, others: float = 0.0, waited: float = 0.0
    ) -> None:
        """Let time pass; own, others: processor seconds. waited: by the box's threads together."""
        self.now += seconds
        self.own += own
        self.everybody += own + others
        self.waited += waited


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def used(clock: BudgetClock) -> float:
    clock.look()
    return clock.used


def test_on_a_quiet_machine_it_is_the_clock_on_the_wall(machine: Machine) -> None:
    clock = machine.clock()
    machine.passes(10.0, own=10.0)
    assert used(clock) == pytest.approx(10.0)
    machine.passes(10.0, own=0.0)  # it sleeps: nobody took anything
    assert used(clock) == pytest.approx(20.0)


def test_what_others_took_is_not_used(machine: Machine) -> None:
    clock = machine.clock()
    machine.passes(30.0, own=10.0, others=50.0, waited=20.0)
    assert used(clock) == pytest.approx(10.0)
    assert clock.taken == pytest.approx(20.0)


def test_two_threads_that_wait_at_the_same_time_wait_once(machine: Machine) -> None:
    clock = machine.clock(cores=2)
    machine.passes(20.0, own=20.0, others=20.0, waited=20.0)
    assert used(clock) == pytest.approx(10.0)


def test_programs_that_get_in_nobodys_way_take_nothing(machine: Machine) -> None:
    clock = machine.clock()
    machine.passes(10.0, own=10.0, others=10.0, waited=0.0)
    assert used(clock) == pytest.approx(10.0)


def test_threads_that_wait_for_each_other_win_nothing(machine: Machine) -> None:
    clock = machine.clock()
    machine.passes(10.0, own=20.0, waited=620.0)
    assert clock.taken == 0
    assert used(clock) >= 10.0


def test_nor_does_it_help_them_that_somebody_else_works_a_little(machine: Machine) -> None:
    clock = machine.clock()
    machine.passes(10.0, own=18.0, others=2.0, waited=620.0)
    assert used(clock) >= 18.0 / (1 + SPARE_CORES)


def test_more_cores_than_were_given_are_charged(machine: Machine) -> None:
    clock = machine.clock(cores=1)
    machine.passes(10.0, own=60.0)
    assert used(clock) == pytest.approx(60.0 / (1 + SPARE_CORES))


def test_of_a_box_elsewhere_nothing_is_taken_off(machine: Machine) -> None:
    machine.here = []
    clock = machine.clock()
    machine.passes(10.0, own=2.0, others=18.0)
    assert used(clock) == pytest.approx(10.0)


def test_where_threads_are_not_counted_idle_cores_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, counts_threads=False)
    clock = machine.clock()
    machine.passes(10.0, own=4.0, others=16.0)  # no core was idle
    assert used(clock) == pytest.approx(4.0)
    machine.passes(10.0, own=0.0, others=10.0)  # one was: the box slept
    assert used(clock) == pytest.approx(14.0)


@pytest.mark.parametrize(
    ("share", "budgets"), [(0.0, 1.0), (BUSY_SHARE / 2, 1.0), (BUSY_SHARE, DOUBT), (None, 1.0)]
)
def test_beside_busy_programs_it_is_late_only_when_that_is_certain(
    share: float | None, budgets: float, machine: Machine
) -> None:
    machine.share = share
    clock = machine.clock()
    machine.passes(10.0, own=10.0)
    assert clock() == pytest.approx(10.0 / budgets)


def test_somebody_has_to_wait_for_it_so_there_is_a_limit_on_the_wall(machine: Machine) -> None:
    clock = machine.clock()
    machine.passes(60.0, own=0.1, others=120.0, waited=59.9)
    assert clock() == pytest.approx(60.0 / MOST_WALL)


LATE = Failure(Status.TIME_LIMIT_EXCEEDED, Code.DEADLINE, "late")


def test_a_training_that_was_stopped_a_little_early_is_late_with_nobody_beside(
    machine: Machine,
) -> None:
    clock = machine.clock()
    machine.passes(9.0, own=9.0)
    assert used(clock) == pytest.approx(9.0)
    assert isinstance(lateness(LATE, clock, 10.0), SubmissionFailed)


def test_one_that_stops_by_itself_is_due_then_and_not_at_the_deadline_behind_it(
    machine: Machine,
) -> None:
    clock = machine.clock()
    machine.passes(7.6, own=7.6)
    assert used(clock) == pytest.approx(7.6)
    assert isinstance(lateness(LATE, clock, 10.0, due=8.0), SubmissionFailed)
    assert isinstance(lateness(LATE, clock, 10.0), Busy)


def test_one_that_never_got_a_core_is_not_late_also_where_nobody_knows_who_had_it(
    machine: Machine,
) -> None:
    machine.share = None
    clock = machine.clock()
    machine.passes(30.0, own=0.1, others=60.0, waited=29.9)
    clock.look()
    assert isinstance(lateness(LATE, clock, 10.0), Busy)


# The kernel's own figures.


@pytest.mark.clock
@pytest.mark.skipif(not waited_by_thread([1]), reason="this kernel does not count it")
def test_a_program_beside_others_on_one_core_waits_and_one_that_sleeps_does_not() -> None:
    core = "import os; os.sched_setaffinity(0, [0])"
    spinning = [subprocess.Popen([sys.executable, "-c", f"{core}\n{SPIN}"]) for _ in range(2)]
    asleep = subprocess.Popen([sys.executable, "-c", f"{core}\nimport time; time.sleep(60)"])
    beside, alone = Waiting(), Waiting()
    try:
        alone.look([asleep.pid])
        assert beside.look([spinning[0].pid]) == 0
        assert becomes(lambda: beside.look([spinning[0].pid]) > 0.5, 20)
        assert alone.look([asleep.pid]) < beside.look([spinning[0].pid]) / 2
    finally:
        for program in (*spinning, asleep):
            program.kill()
            program.wait()


def test_of_a_process_that_has_ended_nothing_is_known() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    waiting = Waiting()
    assert waiting.look([ended.pid]) == 0
    assert not waiting.is_known
