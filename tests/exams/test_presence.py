"""The presence test, on boxes that say how long they took: what slows par down beside the frozen
submission is taken off or flagged, and a machine that changes its speed costs nobody anything.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from grader.errors import SubmissionFailed
from grader.exams.session import Silent
from grader.exams.timing import figures, presence, presence_test, stopwatch
from grader.exams.timing.presence import Asked
from grader.exams.timing.presence_test import Held, PresenceTest
from grader.exams.timing.stopwatch import Pair, Phase, Side, Timing, Turn
from grader.host import machine
from grader.records import Code, Failure, Measured, Status

pytestmark = pytest.mark.clock

INPUTS = np.arange(900).reshape(900, 1)
ANSWERS = np.empty((900, 1), np.float32)
PAR_NANOSECONDS = 1e6
NULL_NANOSECONDS = 1e4
PHASES = (Phase("latency", 1, 0, 400), Phase("throughput", 8, 400, 900))


class World:
    """A machine with its boxes: how much slower everything is, and what a present box adds to par.

    beside: what each box of the submission does to par while it exists, one factor after another.
    """

    def __init__(self, *beside: float, scatter: float = 0.01) -> None:
        self.beside = list(beside)
        self.slowdown: Callable[[], float] = lambda: 1.0
        self.is_present = True
        self.null_beside = 1.0
        self.scatter = scatter
        self.draw = np.random.default_rng(1)
        self.trained = 1

    def seconds(self, name: str) -> float:
        factor = self.slowdown() * float(np.exp(self.draw.normal(0, self.scatter)))
        if self.is_present and name == "par":
            factor *= self.beside[0]
        if self.is_present and name == "null":
            factor *= self.null_beside
        return factor

    def end_boxes(self) -> None:
        if self.is_present:
            self.beside.pop(0)
        self.is_present = False


class Answering:
    """A box that says its calls took what the world makes of them."""

    def __init__(self, name: str, nanoseconds: float, world: World) -> None:
        self.name, self.nanoseconds, self.world = name, nanoseconds, world
        self.wire = SimpleNamespace(spin_seconds=0.0)
        self.factor = 1.0

    def predict(
        self, batch: np.ndarray, classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        taken = self.nanoseconds * len(batch) * self.factor
        return np.zeros((len(batch), classes), np.float32), int(taken)

    def thaw(self) -> None:
        self.factor = self.world.seconds(self.name)

    def freeze(self) -> None:
        pass

    def pin(self, cores: object) -> None:
        pass

    def cpu_seconds(self) -> float:
        return 0.0


class Beside:
    """Par's box and the null box, as `Companions` has them."""

    def __init__(self, world: World) -> None:
        self.par = Answering("par", PAR_NANOSECONDS, world)
        self.null = Answering("null", NULL_NANOSECONDS, world)

    def sides(self, like: np.ndarray, position: int = 0) -> tuple[Side, Side]:
        return side(self.par, position), side(self.null, position)


def side(box: Answering, position: int) -> Side:
    return Side(box.name, box, np.empty_like(ANSWERS), position)  # type: ignore[arg-type]


class Session:
    """What the test needs of a session."""

    device = "cpu"
    progress = Silent()

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def draw(self) -> np.random.Generator:
        return np.random.default_rng(3)

    def finish_all_but(self, *kept: object) -> None:
        self.world.end_boxes()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes that take no time: windows are as short, whatever this machine has for cores."""
    monkeypatch.setattr(presence, "ALONE_SECONDS", 0.02)
    monkeypatch.setattr(presence, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(presence_test, "usable_cores", lambda: [0, 1])


def timed(world: World, companions: Beside, own_nanoseconds: float) -> list[Asked]:
    own = Answering("own", own_nanoseconds, world)
    found = []
    for phase in PHASES:
        par, null = companions.sides(ANSWERS, phase.first)
        timing = stopwatch.run_phase(phase, INPUTS, side(own, phase.first), par, null, 1.0)
        found.append(Asked(INPUTS, ANSWERS, timing))
    return found


def held(
    world: World,
    own_nanoseconds: float = PAR_NANOSECONDS,
    after: Callable[[], None] = lambda: None,
    fails: bool = False,
) -> tuple[Held, Measured]:
    """Time a submission in this world and hold the test; return it with the ratio before it.

    after: what happens between the timed phase and the test. fails: the second training does.
    """
    companions = Beside(world)
    asked = timed(world, companions, own_nanoseconds)
    before = figures.speed_ratio([each.timing for each in asked], np.random.default_rng(0))
    assert before is not None

    def train_again() -> Answering:
        if fails:
            raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, Code.RAISED, "not this time"))
        world.is_present = True
        world.trained += 1
        return Answering("own", own_nanoseconds, world)

    after()
    test = PresenceTest(Session(world), companions, asked, 1.0, train_again)  # type: ignore[arg-type]
    return test.hold(lambda: before), before


def test_an_honest_submission_keeps_its_ratio_and_is_trained_once() -> None:
    world = World(1.0)
    found, _ = held(world)
    assert found.loss is not None
    assert found.loss.value == pytest.approx(1.0, abs=0.02)
    assert (found.failure, found.lower, found.notes) == (None, None, [])
    assert world.trained == 1
    assert not world.is_present


@pytest.mark.parametrize("slower", [1.5, 3.0])
def test_who_slows_par_down_is_flagged_and_has_its_true_ratio(slower: float) -> None:
    world = World(slower, slower)
    found, before = held(world)
    assert before.value == pytest.approx(slower, rel=0.05)
    assert found.failure is not None
    assert (found.failure.status, found.failure.code) == (Status.FLAGGED, "slowed_par")
    assert found.lower is not None
    assert found.lower.value == pytest.approx(1.0, rel=0.05)
    assert world.trained == 2


def test_what_par_surely_lost_is_taken_off_although_its_slices_vary() -> None:
    """As timers do it: they go off at one moment and not at another, so intervals are wide."""
    world = World(4.0, 4.0, scatter=0.35)
    found, before = held(world)
    assert found.failure is not None
    assert found.failure.code == "slowed_par"
    assert presence_test.TOO_WIDE not in found.notes
    assert found.lower is not None
    assert found.lower.value < 0.5 * before.value


def test_a_small_loss_is_taken_off_and_flags_nobody() -> None:
    found, _ = held(World(1.15, 1.15))
    assert found.failure is None
    assert found.lower is not None
    assert found.lower.value == pytest.approx(1.0, rel=0.03)


def test_slowing_par_in_some_of_its_boxes_only_gains_nothing() -> None:
    found, before = held(World(3.0, 1.0))
    assert before.value == pytest.approx(3.0, rel=0.05)
    assert found.failure is None
    assert found.lower is not None
    assert found.lower.value == pytest.approx(1.0, rel=0.05)


def test_a_machine_that_became_faster_costs_a_second_training_and_no_points() -> None:
    world = World(1.0, 1.0)
    world.slowdown = lambda: 2.0

    def rest() -> None:
        world.slowdown = lambda: 1.0

    found, _ = held(world, after=rest)
    assert world.trained == 2
    assert (found.failure, found.lower) == (None, None)
    assert "its first ratio stands" in found.notes[0]


def test_a_machine_that_became_faster_for_a_moment_costs_nothing() -> None:
    world = World(1.0)
    looks = iter([1.0] * 30 + [0.5] * 12)
    world.slowdown = lambda: next(looks, 1.0)
    found, _ = held(world)
    assert (found.failure, found.lower) == (None, None)


def test_a_machine_that_became_slower_hides_nothing_it_could_have_shown() -> None:
    world = World(1.0)

    def work() -> None:
        world.slowdown = lambda: 1.5

    found, _ = held(world, after=work)
    assert world.trained == 1
    assert (found.failure, found.lower) == (None, None)


def test_on_a_machine_too_busy_to_tell_it_is_said_that_the_test_could_not_be_held() -> None:
    for seed in range(5):
        world = World(1.0, 1.0, scatter=0.5)
        world.draw = np.random.default_rng(seed)
        found, _ = held(world)
        assert found.failure is None
        assert presence_test.TOO_WIDE in found.notes


def test_a_second_training_that_fails_costs_what_par_surely_lost() -> None:
    found, before = held(World(3.0), fails=True)
    assert found.failure is None
    assert found.lower is not None
    assert 0.9 < found.lower.value < 0.5 * before.value
    assert "not this time" in found.notes[0]


def test_a_phase_does_not_vanish_because_the_null_box_was_slowed() -> None:
    world = World(1.0)
    world.null_beside = 20.0
    companions = Beside(world)
    asked = timed(world, companions, PAR_NANOSECONDS)
    assert not any(each.timing.counts for each in asked)
    test = PresenceTest(Session(world), companions, asked, 1.0, lambda: None)  # type: ignore
    found = test.hold(lambda: figures.speed_ratio([e.timing for e in asked], Session(world).draw))
    assert found.has_recounted
    assert all(each.timing.counts for each in asked)


def test_one_core_and_no_par_are_said_or_need_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(1.0)
    companions = Beside(world)
    nothing_asked = PresenceTest(Session(world), companions, [], 1.0, lambda: None)  # type: ignore
    assert nothing_asked.hold(lambda: None) == Held()
    monkeypatch.setattr(presence_test, "usable_cores", lambda: [0])
    asked = timed(world, companions, PAR_NANOSECONDS)
    alone = PresenceTest(Session(world), companions, asked, 1.0, lambda: None)  # type: ignore
    assert alone.hold(lambda: None).notes == [presence_test.ONE_CORE]
    assert len(machine.usable_cores()) >= 1


# The estimate by itself.


def asked_of(par_slices: np.ndarray) -> Asked:
    """Return a phase in which par's slices had these medians, and the submission's the same."""
    pairs = [Pair(Turn([each], []), Turn([each], [])) for each in par_slices]
    phase = Phase("latency", 1, 0, 100)
    timing = Timing(phase, par_slices, np.ones(len(pairs)), 1e-6, 1e-3, par_slices, pairs)
    return Asked(INPUTS, ANSWERS, timing)


def drawn(draw: np.random.Generator, count: int, busy: float) -> np.ndarray:
    """Draw slices of a busy machine: each hit with some probability, and neighbours alike."""
    level = np.exp(0.5 * busy * np.cumsum(draw.normal(0, 0.3, count)) / np.sqrt(count))
    hit = np.where(draw.random(count) < busy, 1 + draw.exponential(1.0, count), 1.0)
    slices: np.ndarray = 1e-3 * level * hit * np.exp(draw.normal(0, 0.02, count))
    return slices


@pytest.mark.parametrize("busy", [0.0, 0.1, 0.3])
def test_an_interval_of_an_honest_run_is_hardly_ever_suspicious_and_never_flagged(
    busy: float,
) -> None:
    suspicious = 0
    for seed in range(300):
        draw = np.random.default_rng(seed)
        slices = drawn(draw, 40, busy)
        alone = [presence.Alone([Turn([each], []) for each in slices[30:]], 1e-6)]
        loss = presence.loss_of([asked_of(slices[:30])], alone)
        assert loss is not None
        assert presence.slowed_par(loss) is None
        suspicious += loss.is_suspicious
    assert suspicious <= 9


@pytest.mark.parametrize("busy", [0.0, 0.1])
def test_a_par_that_was_twice_as_slow_is_seen_whatever_else_is_drawn(busy: float) -> None:
    for seed in range(100):
        draw = np.random.default_rng(seed)
        slices = drawn(draw, 40, busy)
        alone = [presence.Alone([Turn([each / 2.5], []) for each in slices[30:]], 1e-6)]
        loss = presence.loss_of([asked_of(slices[:30])], alone)
        assert loss is not None
        assert loss.is_suspicious
