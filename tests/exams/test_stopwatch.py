"""Timed calls in alternating slices: each input once, one side awake at a time, and the true ratio
comes out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pytest

from grader.errors import GraderError, SubmissionFailed
from grader.exams.timing import estimates, figures, stopwatch
from grader.exams.timing.stopwatch import Pair, Phase, Side, Timing, Turn
from grader.records import Failure, Status

pytestmark = pytest.mark.clock

CLASSES = 3
INPUTS = np.arange(600).reshape(600, 1)


class Watched:
    """A box that answers at once, says how long it took, and remembers what it was asked and when
    it was awake.
    """

    def __init__(self, nanoseconds: float, awake: set[Watched]) -> None:
        self.nanoseconds, self.awake = nanoseconds, awake
        self.asked: list[int] = []
        self.sizes: list[int] = []
        self.most_awake = 0

    def predict(
        self, batch: np.ndarray, classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        assert self in self.awake
        self.most_awake = max(self.most_awake, len(self.awake))
        self.asked += batch[:, 0].tolist()
        self.sizes.append(len(batch))
        return np.repeat(batch, classes, axis=1).astype(np.float32), int(
            self.nanoseconds * len(batch)
        )

    def thaw(self) -> None:
        self.awake.add(self)

    def freeze(self) -> None:
        self.awake.discard(self)

    def cpu_seconds(self) -> float:
        return 0.0


class Failing(Watched):
    def predict(
        self, batch: np.ndarray, classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, "raised", "it fell over"))


class Cold(Watched):
    """A box that takes ten times as long for its first call after each thaw."""

    is_cold = False

    def predict(
        self, batch: np.ndarray, classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        scores, nanoseconds = super().predict(batch, classes, deadline_seconds)
        was_cold = self.is_cold
        self.is_cold = False
        return scores, 10 * nanoseconds if was_cold else nanoseconds

    def thaw(self) -> None:
        super().thaw()
        self.is_cold = True


class Restless(Watched):
    """A box whose processor time grows whenever one looks at it while it is frozen."""

    used = 0.0

    def cpu_seconds(self) -> float:
        if self not in self.awake:
            self.used += 0.05
        return self.used


def side(name: str, box: Watched) -> Side:
    return Side(name, box, np.full((len(INPUTS), CLASSES), np.nan, dtype=np.float32))  # type: ignore[arg-type]


def three(own: float = 2e5, par: float = 1e5, null: float = 1e3) -> tuple[Side, Side, Side]:
    awake: set[Watched] = set()
    named = (("own", own), ("par", par), ("null", null))
    own_side, par_side, null_side = (side(name, Watched(each, awake)) for name, each in named)
    return own_side, par_side, null_side


def box_of(each: Side) -> Watched:
    assert isinstance(each.box, Watched)
    return each.box


def test_every_input_is_asked_once_in_order_and_every_answer_is_kept() -> None:
    own, par, null = three()
    stopwatch.run_phase(Phase("latency", 1, 0, 200), INPUTS, own, par, null, 1.0)
    stopwatch.run_phase(Phase("throughput", 16, own.position, 600), INPUTS, own, par, null, 1.0)
    for each in (own, par):
        assert box_of(each).asked == sorted(set(box_of(each).asked))
    assert box_of(own).asked == list(range(600))
    np.testing.assert_array_equal(own.scores, np.repeat(INPUTS, CLASSES, axis=1))


def test_only_one_box_is_awake_at_a_time_and_none_is_left_so() -> None:
    own, par, null = three()
    stopwatch.run_phase(Phase("latency", 1, 0, 200), INPUTS, own, par, null, 1.0)
    for each in (own, par, null):
        assert box_of(each).most_awake <= 1
        assert box_of(each).awake == set()


@pytest.mark.parametrize("batch", [1, 16])
def test_the_ratio_of_the_boxes_is_the_ratio_of_the_figures(batch: int) -> None:
    own, par, null = three(own=2e5, par=1e5)
    timing = stopwatch.run_phase(Phase("a phase", batch, 0, 600), INPUTS, own, par, null, 1.0)
    assert len(timing.ratios) >= stopwatch.MIN_PAIRS
    np.testing.assert_allclose(timing.ratios, 0.5)
    assert timing.par_seconds == pytest.approx(1e-4 * batch)
    assert timing.null_seconds == pytest.approx(1e-6 * batch)
    assert timing.counts


def test_the_first_call_after_a_switch_is_answered_and_not_timed() -> None:
    awake: set[Watched] = set()
    own, par = side("own", Cold(2e5, awake)), side("par", Cold(1e5, awake))
    timing = stopwatch.run_phase(Phase("latency", 1, 0, 600), INPUTS, own, par, None, 1.0)
    assert box_of(own).asked == list(range(600))
    np.testing.assert_allclose(timing.calls, 2e-4)
    np.testing.assert_allclose(timing.par_calls, 1e-4)
    np.testing.assert_allclose(timing.ratios, 0.5)


def test_a_phase_that_measures_the_wire_alone_does_not_count() -> None:
    own, par, null = three(own=2e5, par=5e3, null=1e3)
    timing = stopwatch.run_phase(Phase("a phase", 1, 0, 300), INPUTS, own, par, null, 1.0)
    assert not timing.counts
    assert figures.speed_ratio([timing], np.random.default_rng(0)) is None


def test_without_par_there_is_no_ratio() -> None:
    own, _, _ = three()
    timing = stopwatch.run_phase(Phase("a phase", 1, 0, 300), INPUTS, own, None, None, 1.0)
    assert own.position == 300
    assert len(timing.calls) > 0
    assert len(timing.ratios) == 0
    assert not timing.counts


def test_an_unfinished_batch_is_answered_but_not_timed() -> None:
    own, _, _ = three()
    timing = stopwatch.run_phase(Phase("throughput", 64, 0, 150), INPUTS, own, None, None, 1.0)
    assert sorted(box_of(own).sizes) == [22, 64, 64]
    assert all(seconds == pytest.approx(2e-4 * 64) for seconds in timing.calls)


def test_what_the_budget_leaves_is_left_to_the_next_phase() -> None:
    own, par, null = three()
    stopwatch.run_phase(
        Phase("latency", 1, 0, 500), INPUTS, own, par, null, 1.0, budget_seconds=0.0
    )
    assert own.position == 0
    stopwatch.run_phase(Phase("throughput", 16, own.position, 600), INPUTS, own, par, null, 1.0)
    assert box_of(own).asked == list(range(600))


def test_a_submission_that_fails_is_a_failure_and_a_par_that_fails_is_our_trouble() -> None:
    own, par, null = three()
    bad = side("bad", Failing(1e5, box_of(own).awake))
    with pytest.raises(SubmissionFailed):
        stopwatch.run_phase(Phase("latency", 1, 0, 100), INPUTS, bad, par, null, 1.0)
    with pytest.raises(GraderError, match="fell over"):
        stopwatch.run_phase(Phase("latency", 1, 0, 100), INPUTS, own, bad, null, 1.0)


def test_a_box_that_works_while_it_is_frozen_and_par_is_asked_is_flagged() -> None:
    own, par, null = three()
    restless = side("restless", Restless(2e5, box_of(own).awake))
    for each, wanted in ((own, None), (restless, (Status.FLAGGED, "worked_while_idle"))):
        par.position = 0
        null.position = 0
        stopwatch.run_phase(Phase("latency", 1, 0, 200), INPUTS, each, par, null, 1.0)
        failure = stopwatch.worked_while_idle(each)
        assert (failure and (failure.status, failure.code)) == wanted


def timing(ratios: list[float], name: str = "latency") -> Timing:
    return Timing(Phase(name, 1, 0, 100), np.array([1.0]), np.array(ratios), 1e-6, 1e-3)


def test_the_speed_ratio_is_the_geometric_mean_of_the_medians() -> None:
    found = figures.speed_ratio(
        [timing([2.0] * 9), timing([8.0] * 9, "throughput")], np.random.default_rng(0)
    )
    assert found is not None
    assert found.value == pytest.approx(4.0)
    assert (found.low, found.high) == (pytest.approx(4.0), pytest.approx(4.0))
    assert found.n == 18
    assert found.source == "latency and throughput"


def test_the_interval_holds_the_ratio_and_narrows_with_more_pairs() -> None:
    draw = np.random.default_rng(1)
    widths = []
    for count in (10, 1000):
        found = figures.speed_ratio([timing(np.exp(draw.normal(0, 0.1, count)).tolist())], draw)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 3


def test_too_few_pairs_do_not_count() -> None:
    assert (
        figures.speed_ratio([timing([2.0] * (stopwatch.MIN_PAIRS - 1))], np.random.default_rng(0))
        is None
    )


def test_a_spread_over_a_tenth_of_the_median_is_noisy() -> None:
    assert not estimates.is_noisy(np.array([1.0, 1.01, 1.02, 1.03]))
    assert estimates.is_noisy(np.array([1.0, 1.1, 1.2, 1.3]))


def test_throughput_is_inputs_over_seconds_with_its_ends_the_right_way_round() -> None:
    found = estimates.per_second(np.array([0.1, 0.2, 0.4]), 64)
    assert found.value == pytest.approx(320)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


# No phase, and no call, is chosen by the submission.

PAR_SECONDS = 1e-3


def turn(*timed: float, first: float = PAR_SECONDS) -> Turn:
    return Turn(timed, (first,))


def pairs_of(own: Sequence[Turn], par: Sequence[Turn] | None = None) -> list[Pair]:
    """Pair the submission's slices with par's, or with a par whose calls all take as long."""
    steady = [turn(*[PAR_SECONDS] * 10) for _ in own]
    return [Pair(*both) for both in zip(own, par or steady, strict=True)]


def test_a_model_whose_calls_all_take_as_long_has_nothing_beyond_its_median() -> None:
    for seconds in (0.2e-3, 1e-3, 5e-3):
        own = [turn(*[seconds] * 10, first=seconds)] * 24
        assert estimates.time_beyond_median(pairs_of(own)) == 0


def test_every_tenth_call_ten_times_as_slow_is_paid_for() -> None:
    own = [turn(*[1e-3] * 9, 1e-2)] * 24
    # 9 typical calls beyond the median among 11: one of them is not timed.
    expected = 22 * 9 / (24 * 11)  # the worst two of 24 pairs are left out
    assert estimates.time_beyond_median(pairs_of(own)) == pytest.approx(expected)


def test_a_slow_batch_in_two_of_eight_slices_is_paid_for() -> None:
    usual, slow = turn(1e-3, 1e-3), turn(1e-3, 2e-2)
    own = [usual, slow, usual, usual, usual, slow, usual, usual]
    par = [turn(1e-3, 1e-3)] * 8
    assert estimates.time_beyond_median(pairs_of(own, par)) == pytest.approx(19 / 24)


def test_slices_that_are_slow_as_a_whole_are_paid_for() -> None:
    own = [turn(*[1e-2 if place % 4 == 0 else 1e-3] * 3) for place in range(24)]
    assert estimates.time_beyond_median(pairs_of(own)) > 0.8


def test_slow_first_calls_are_paid_for_beyond_what_par_shows() -> None:
    steady = [1e-3] * 3
    cold = [turn(*steady, first=3e-3)] * 24
    large = [turn(*steady, first=2e-2)] * 24
    assert estimates.time_beyond_median(pairs_of(cold, cold)) == 0
    assert estimates.time_beyond_median(pairs_of(large, cold)) > 3
    # A quick model wakes no faster than par does: it may take as many seconds longer.
    quick = [turn(*[1e-4] * 3, first=1e-4 + 2e-3)] * 24
    assert estimates.time_beyond_median(pairs_of(quick, cold)) == 0


def test_a_last_short_batch_is_no_place_for_a_large_model() -> None:
    own = [turn(*[1e-3] * 3)] * 8
    hidden = [*own[:-2], Turn((1e-3,), (1e-3, 5e-2)), Turn((1e-3,), (1e-3, 5e-2))]
    assert estimates.time_beyond_median(pairs_of(own)) == 0
    assert estimates.time_beyond_median(pairs_of(hidden)) > 1


@pytest.mark.parametrize("pairs", [8, 24])
def test_one_disturbed_pair_costs_nothing(pairs: int) -> None:
    own = [turn(*[1e-3] * 3)] * (pairs - 1)
    for disturbed in (turn(1e-3, 0.5, 1e-3), turn(*[1e-3] * 3, first=0.5), turn(*[0.5] * 3)):
        assert estimates.time_beyond_median(pairs_of([*own, disturbed])) == 0


def test_a_tail_that_par_has_as_well_is_the_machines() -> None:
    """Slices of a busy machine: who takes turns on it is delayed alike, now and then by far."""
    draw = np.random.default_rng(5)
    found = []
    for _ in range(200):
        own, par = (
            [turn(*(1e-3 + 4e-3 * (draw.random(10) < 0.1)), first=2e-3) for _ in range(24)]
            for _ in range(2)
        )
        found.append(estimates.time_beyond_median(pairs_of(own, par)))
    assert np.mean(found) < 0.005
    assert np.quantile(found, 0.95) < 0.02


def test_too_few_pairs_say_nothing_of_a_tail() -> None:
    own = [turn(1e-3, 1e-3, 1e-2)] * (stopwatch.MIN_PAIRS - 1)
    assert estimates.time_beyond_median(pairs_of(own)) == 0


class SlowNowAndThen(Watched):
    """A box that takes twenty times as long for every tenth call."""

    def predict(
        self, batch: np.ndarray, classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        scores, nanoseconds = super().predict(batch, classes, deadline_seconds)
        is_tenth = len(self.sizes) % 10 == 0
        return scores, 20 * nanoseconds if is_tenth else nanoseconds


@pytest.mark.parametrize("batch", [1, 4])
def test_a_box_that_is_slow_now_and_then_has_the_ratio_of_its_total_time(batch: int) -> None:
    own, par, null = three()
    slow = side("slow", SlowNowAndThen(1e5, box_of(own).awake))
    timing = stopwatch.run_phase(Phase("a phase", batch, 0, 600), INPUTS, slow, par, null, 1.0)
    assert float(np.median(timing.ratios)) == pytest.approx(1.0)
    found = figures.speed_ratio([timing], np.random.default_rng(0))
    assert found is not None
    total = 10 / (9 + 20)
    assert found.value == pytest.approx(total, rel=0.2)
    (shown,) = figures.phase_ratio(timing).values()
    assert shown.value == pytest.approx(found.value)
    assert "longer in all than their median says" in figures.remarks([timing])[0]


class Dawdling(Watched):
    """A box that sleeps over its first two calls."""

    def predict(
        self, batch: np.ndarray, classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        scores, nanoseconds = super().predict(batch, classes, deadline_seconds)
        if len(self.sizes) > 2:
            return scores, nanoseconds
        time.sleep(DAWDLES_SECONDS)
        return scores, int(DAWDLES_SECONDS / stopwatch.NANO)


DAWDLES_SECONDS = 0.06


def test_a_phase_cut_short_by_slow_calls_counts_as_its_worst() -> None:
    own, par, null = three(own=2e5, par=1e5)
    slow = side("slow", Dawdling(1e5, box_of(own).awake))
    phase = Phase("latency", 1, 0, 200)
    timing = stopwatch.run_phase(phase, INPUTS, slow, par, null, 1.0, DAWDLES_SECONDS)
    assert len(timing.ratios) < stopwatch.MIN_PAIRS
    assert timing.was_cut_short
    assert timing.counts
    found = figures.speed_ratio([timing], np.random.default_rng(0))
    assert found is not None
    assert found.value == pytest.approx(1e-4 / DAWDLES_SECONDS)
    assert "slowest pair" in figures.remarks([timing])[0]


def test_a_phase_with_too_few_inputs_is_nobodys_choice() -> None:
    own, par, null = three()
    timing = stopwatch.run_phase(Phase("throughput", 200, 0, 600), INPUTS, own, par, null, 1.0)
    assert not timing.was_cut_short
    assert not timing.counts
