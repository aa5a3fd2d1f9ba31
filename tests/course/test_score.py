"""Points and verdicts: the anchors of each curve, and what holds for any measurements."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.score import hint_for, interpolate, memory_ratio, ratio_share, score_run
from grader.course.task_file import AuditTable, PointsTable, ScoringTable
from grader.grading.pipeline import scoring_of
from grader.metrics.statistics import wilson_interval
from grader.records import CaseGroup, Code, Failure, Measured, Status, Verdict, private_version

CURVE = [(0.1, 0.0), (0.8, 0.2), (0.94, 0.6), (0.97, 0.8), (0.985, 1.0)]
SCORING = ScoringTable(curve=CURVE, gate=0.94, points=PointsTable(accuracy=70, speed=20, memory=10))
FUNCTIONS = ScoringTable(
    metric="cases",
    curve=[(0.0, 0.0), (1.0, 1.0)],
    gate=1.0,
    groups={"relu/typical": 3.0, "relu/edge": 1.0},
)
BITS = ScoringTable(
    metric="bits_per_character",
    better="lower",
    curve=[(2.0, 1.0), (3.0, 0.0)],
    gate=2.5,
    points=PointsTable(accuracy=70, speed=20, memory=10),
)
MIB = 1 << 20


def figures(
    accuracy: float, speed: float | None = 1.0, memory: float | None = 1.0
) -> dict[str, Measured]:
    found = {"accuracy": Measured(value=accuracy, unit="share")}
    if speed is not None:
        found["speed_ratio"] = Measured(value=speed, unit="ratio")
    if memory is not None:
        found["memory_ratio"] = Measured(value=memory, unit="ratio")
    return found


def figures_of_text(bits: float) -> dict[str, Measured]:
    return {
        "bits_per_character": Measured(value=bits, unit="bits a character"),
        "speed_ratio": Measured(value=1.0, unit="ratio"),
    }


def test_what_nobody_learns_to_reach_is_flagged_and_keeps_its_points() -> None:
    doubted = BITS.model_copy(update={"audit": AuditTable(too_good=1.5)})
    for bits, code in ((1.4, Code.TOO_GOOD), (1.5, Code.TOO_GOOD), (1.6, "")):
        score, verdict = score_run(doubted, figures_of_text(bits), [])
        assert (verdict.code, score.accuracy) == (code, 70)
    assert score_run(BITS, figures_of_text(0.1), [])[1].status is Status.ACCEPTED


def test_no_bound_flags_who_just_earns_full_points() -> None:
    told = SCORING.model_dump() | {"audit": {"too_good": 0.985}}
    with pytest.raises(ValueError, match="would flag who earns full points"):
        ScoringTable.model_validate(told)


def group(status: str, name: str = "typical", cases: int = 4, passed: int = 0) -> CaseGroup:
    return CaseGroup(function="relu", group=name, status=status, cases=cases, passed=passed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "share"), [*CURVE, (0.0, 0.0), (1.0, 1.0), (0.45, 0.1), (0.955, 0.7)]
)
def test_the_curve_goes_through_its_anchors_and_is_straight_between(
    value: float, share: float
) -> None:
    assert interpolate(CURVE, value) == pytest.approx(share)


def asked(value: float, count: int = 600) -> dict[str, Measured]:
    low, high = wilson_interval(value, count)
    figure = Measured(value=value, low=low, high=high, n=count, unit="share", spread="95% interval")
    return {"accuracy": figure}


EVEN = SCORING.model_copy(update={"one_input": 0.01, "points": PointsTable()})


@pytest.mark.parametrize("right", range(540, 600))
def test_one_input_more_of_600_is_worth_a_point_at_most(right: int) -> None:
    gained = points(EVEN, asked((right + 1) / 600)) - points(EVEN, asked(right / 600))
    assert 0 <= gained <= 1.011
    as_it_is = EVEN.model_copy(update={"one_input": 0.0})
    steepest = max(
        points(as_it_is, asked((each + 1) / 600)) - points(as_it_is, asked(each / 600))
        for each in range(540, 600)
    )
    assert steepest > 2.2


@pytest.mark.parametrize("value", [0.1, 0.8, 0.94, 0.96, 0.985, 1.0])
def test_a_bound_on_one_input_takes_no_points_and_gives_none_where_inputs_are_many(
    value: float,
) -> None:
    few, many = points(EVEN, asked(value)), points(EVEN, asked(value, 10_000_000))
    as_it_is = 100 * interpolate(CURVE, value)
    assert few >= many == pytest.approx(as_it_is, abs=0.01)


def points(scoring: ScoringTable, measurements: dict[str, Measured]) -> float:
    return score_run(scoring, measurements, [])[0].accuracy


ANCHORS = [(0.25, 0.0), (1.0, 0.6), (4.0, 1.0), (0.5, 0.3), (2.0, 0.8), (0.01, 0.0), (100.0, 1.0)]


@pytest.mark.parametrize(("ratio", "share"), ANCHORS)
def test_a_quarter_of_par_brings_nothing_par_six_tenths_and_four_times_par_all(
    ratio: float, share: float
) -> None:
    assert ratio_share(ratio) == pytest.approx(share)


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.nan])
def test_a_ratio_that_makes_no_sense_brings_nothing(ratio: float) -> None:
    assert ratio_share(ratio) == 0.0


def test_memory_below_the_floor_is_no_advantage() -> None:
    assert memory_ratio(5 * MIB, 64 * MIB) == 1.0
    assert memory_ratio(5 * MIB, 20 * MIB) == 1.0
    assert memory_ratio(100 * MIB, 400 * MIB) == 4.0
    assert memory_ratio(400 * MIB, 100 * MIB) == 0.25


def test_full_marks_are_a_hundred() -> None:
    score, verdict = score_run(SCORING, figures(0.99, 4, 4), [])
    assert (score.total, score.accuracy, score.speed, score.memory) == (100, 70, 20, 10)
    assert verdict.status is Status.ACCEPTED


def test_par_itself_gets_its_share_of_speed_and_memory() -> None:
    score, _ = score_run(SCORING, figures(0.985, 1, 1), [])
    assert (score.accuracy, score.speed, score.memory) == (70, 12, 6)


def test_below_the_gate_speed_and_memory_bring_nothing() -> None:
    score, verdict = score_run(SCORING, figures(0.9399, 4, 4), [])
    assert (score.speed, score.memory) == (0, 0)
    assert 0 < score.accuracy < 0.6 * 70
    assert (verdict.status, verdict.code) == (Status.BELOW_TARGET, "gate")
    assert "0.9399" in verdict.reason
    assert "0.94" in verdict.reason


def test_at_the_gate_the_run_is_accepted() -> None:
    _, verdict = score_run(SCORING, figures(0.94), [])
    assert verdict.status is Status.ACCEPTED


def test_a_speed_that_was_not_measured_brings_nothing_but_is_no_failure() -> None:
    score, verdict = score_run(SCORING, figures(0.985, None, None), [])
    assert (score.total, verdict.status) == (70, Status.ACCEPTED)


@pytest.mark.parametrize(
    "status",
    [
        Status.TIME_LIMIT_EXCEEDED,
        Status.MEMORY_LIMIT_EXCEEDED,
        Status.RUNTIME_ERROR,
        Status.INVALID_SUBMISSION,
    ],
)
def test_a_failed_run_has_no_points_and_keeps_its_reason(status: Status) -> None:
    score, verdict = score_run(SCORING, figures(0.99), [], Failure(status, "code", "why"))
    assert score.total == 0
    assert (verdict.status, verdict.code, verdict.reason) == (status, "code", "why")


def test_a_flagged_run_keeps_its_accuracy_points_and_nothing_else() -> None:
    score, verdict = score_run(
        SCORING, figures(0.99, 4, 4), [], Failure(Status.FLAGGED, "gap", "why")
    )
    assert (score.accuracy, score.speed, score.memory) == (70, 0, 0)
    assert verdict.status is Status.FLAGGED


@pytest.mark.parametrize(
    ("bits", "status", "speed"),
    [(2.4, Status.ACCEPTED, 12), (2.5, Status.ACCEPTED, 12), (2.6, Status.BELOW_TARGET, 0)],
)
def test_where_less_is_better_the_gate_is_the_most_that_is_taken(
    bits: float, status: Status, speed: float
) -> None:
    score, verdict = score_run(BITS, figures_of_text(bits), [])
    assert (verdict.status, score.speed) == (status, speed)
    assert score.accuracy == pytest.approx(70 * (3 - bits))


def test_bits_that_windows_cost_more_alone_are_added_to_the_metric() -> None:
    alone = {
        "alone_same": Measured(value=0.1, low=0.05, high=0.2, n=64, unit="share"),
        "alone_bits": Measured(value=0.6, unit="bits a character"),
    }
    score, verdict = score_run(BITS, figures_of_text(2.1) | alone, [])
    assert (verdict.status, score.speed) == (Status.BELOW_TARGET, 0)
    assert score.accuracy == pytest.approx(70 * 0.3)
    assert score.capped


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_metric_that_is_not_finite_or_missing_is_our_trouble_not_a_zero_of_theirs(
    value: float,
) -> None:
    for measurements in (figures(value), {}):
        score, verdict = score_run(SCORING, measurements, [])
        assert (score.total, verdict.status, verdict.code) == (0, Status.GRADER_ERROR, "no_metric")


def test_a_group_of_cases_passes_whole_or_not_at_all() -> None:
    score, verdict = score_run(
        FUNCTIONS, {}, [group("pass", passed=4), group("fail", "edge", passed=3)]
    )
    assert (score.total, verdict.status) == (75, Status.BELOW_TARGET)
    assert verdict.reason == "not correct yet: relu()"


def test_what_was_not_attempted_is_named_apart_from_what_is_wrong() -> None:
    cases = [
        group("not_attempted"),
        CaseGroup(function="tanh", group="edge", status="error", cases=2, passed=0),
    ]
    _, verdict = score_run(FUNCTIONS, {}, cases)
    assert verdict.reason == "not correct yet: tanh(); not attempted: relu()"


def test_a_failure_in_one_function_leaves_the_points_of_the_others() -> None:
    failure = Failure(Status.RUNTIME_ERROR, "raised", "why")
    score, verdict = score_run(
        FUNCTIONS, {}, [group("pass", passed=4), group("error", "edge")], failure
    )
    assert (score.total, verdict.status) == (75, Status.RUNTIME_ERROR)


SHARES = st.floats(0, 1)
RATIOS = st.floats(1e-3, 1e3)


@st.composite
def scorings(draw: st.DrawFn) -> ScoringTable:
    xs = sorted(draw(st.sets(st.integers(0, 1000), min_size=2, max_size=6)))
    ys = sorted(draw(st.lists(st.integers(0, 100), min_size=len(xs), max_size=len(xs))))
    curve = [(x / 1000, y / 100) for x, y in zip(xs, [*ys[:-1], 100], strict=True)]
    speed = draw(st.integers(0, 50))
    memory = draw(st.integers(0, 50))
    points = PointsTable(accuracy=100 - speed - memory, speed=speed, memory=memory)
    return ScoringTable(curve=curve, gate=draw(SHARES), points=points)


@given(scorings(), SHARES, RATIOS, RATIOS)
def test_a_score_lies_between_0_and_100_and_is_the_sum_of_its_parts(
    scoring: ScoringTable, accuracy: float, speed: float, memory: float
) -> None:
    score, _ = score_run(scoring, figures(accuracy, speed, memory), [])
    assert 0 <= score.total <= 100
    assert score.total == pytest.approx(score.accuracy + score.speed + score.memory, abs=0.02)
    for part, most in (
        (score.accuracy, score.max_accuracy),
        (score.speed, score.max_speed),
        (score.memory, score.max_memory),
    ):
        assert 0 <= part <= most


@given(scorings(), SHARES, SHARES, RATIOS, RATIOS)
def test_more_accuracy_or_more_speed_never_costs_points(
    scoring: ScoringTable, one: float, other: float, slow: float, fast: float
) -> None:
    (low, high), (slow, fast) = sorted((one, other)), sorted((slow, fast))
    at = lambda accuracy, speed: score_run(scoring, figures(accuracy, speed), [])[0].total  # noqa: E731
    assert at(low, slow) <= at(high, slow)
    assert at(low, slow) <= at(low, fast)


@given(scorings(), SHARES)
def test_the_same_measurements_give_the_same_score(scoring: ScoringTable, accuracy: float) -> None:
    assert score_run(scoring, figures(accuracy), []) == score_run(scoring, figures(accuracy), [])


def test_the_hint_is_the_verdicts_or_the_lowest_bands() -> None:
    hints = {
        "runtime_error": "look at the traceback",
        "score<50": "start small",
        "score<90": "add a layer",
    }
    low, _ = score_run(SCORING, figures(0.5), [])
    high, accepted = score_run(SCORING, figures(0.97), [])
    assert hint_for(hints, Verdict(status=Status.RUNTIME_ERROR), low) == "look at the traceback"
    assert hint_for(hints, Verdict(status=Status.BELOW_TARGET), low) == "start small"
    assert hint_for(hints, accepted, high) == "add a layer"
    assert hint_for(hints, Verdict(status=Status.GRADER_ERROR), None) == ""


def test_of_a_private_hidden_part_nobody_knows_what_is_too_good() -> None:
    doubted = BITS.model_copy(update={"audit": AuditTable(max_drop=0.2, too_good=1.5)})
    published = scoring_of(doubted, "0123456789ab")
    private = scoring_of(doubted, private_version("0123456789ab", "fedcba"))
    assert published.is_too_good(1.4)
    assert not private.is_too_good(1.4)
    assert private.audit.max_drop == 0.2
