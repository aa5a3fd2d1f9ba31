"""The interval of a speed ratio holds the truth, slices leave inputs for enough pairs, and real
boxes are timed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.exams.timing import estimates, figures, stopwatch
from grader.exams.timing.par import null_submission
from grader.exams.timing.stopwatch import Phase, Side, Timing
from grader.sandbox.box import MIB, Box, Limits
from grader.sandbox.process import ProcessSandbox

pytestmark = pytest.mark.clock

CLASSES = 10
SECONDS = 20.0


def timing(
    ratios: np.ndarray,
    name: str = "latency",
    *,
    par: float | None = 1e-3,
    null: float | None = 1e-5,
) -> Timing:
    return Timing(Phase(name, 1, 0, 100), np.array([1e-3]), ratios, null, par)


# Pure parts.


def test_the_quartiles_are_those_of_the_values() -> None:
    assert estimates.quartiles(np.arange(101.0)) == (25.0, 75.0)
    assert estimates.quartiles(np.array([3.0])) == (3.0, 3.0)


def test_the_interval_of_the_ratio_holds_the_truth_in_nine_of_ten_trials() -> None:
    """Slices as they are measured: seconds drift for both sides alike, with outliers on either."""
    truth, hits = 1.25, 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        timings = []
        for name, pairs in (("latency", stopwatch.SINGLE_PAIRS), ("throughput", 12)):
            drift = np.exp(draw.normal(0, 0.2, pairs))
            own, par = (
                drift
                * np.exp(draw.normal(0, 0.04, pairs))
                * np.where(draw.random(pairs) < 0.08, 1.6, 1.0)
                for _ in range(2)
            )
            timings.append(timing(truth * par / own, name))
        found = figures.speed_ratio(timings, draw)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    assert hits >= 90


def test_a_ratio_and_its_inverse_are_the_same_distance_from_one() -> None:
    ratios = np.exp(np.random.default_rng(2).normal(0.3, 0.1, 25))
    one = figures.speed_ratio([timing(ratios)], np.random.default_rng(0))
    other = figures.speed_ratio([timing(1 / ratios)], np.random.default_rng(0))
    assert one is not None
    assert other is not None
    assert one.value * other.value == pytest.approx(1.0)
    assert one.low is not None
    assert other.high is not None
    assert one.low * other.high == pytest.approx(1.0, rel=0.02)


def test_a_phase_counts_from_ten_null_round_trips_on() -> None:
    ratios = np.ones(stopwatch.MIN_PAIRS)
    assert timing(ratios, par=stopwatch.MIN_NULLS * 1e-5, null=1e-5).counts
    assert not timing(ratios, par=stopwatch.MIN_NULLS * 0.99e-5, null=1e-5).counts
    assert not timing(ratios[1:]).counts
    assert not timing(ratios, par=None).counts
    assert not timing(ratios, null=None).counts


def test_a_phase_that_does_not_count_does_not_change_the_ratio() -> None:
    counted, not_counted = timing(np.full(9, 2.0)), timing(np.full(9, 50.0), "throughput", par=1e-6)
    found = figures.speed_ratio([counted, not_counted], np.random.default_rng(0))
    assert found is not None
    assert found.value == pytest.approx(2.0)
    assert found.source == "latency"


@pytest.mark.parametrize(
    ("batch", "inputs"),
    [(1, 4000), (1, 240), (1, 24), (256, 6000), (64, 360), (8, 360), (64, 100), (1, 0)],
)
def test_a_slice_leaves_inputs_for_enough_pairs(batch: int, inputs: int) -> None:
    phase = Phase("a phase", batch, 50, 50 + inputs)
    timed = phase.slice_calls
    assert timed >= 1
    pairs = stopwatch.SINGLE_PAIRS if batch == 1 else stopwatch.BATCH_PAIRS
    calls = inputs // batch
    if calls >= pairs * (1 + stopwatch.UNTIMED_CALLS):
        assert calls // (timed + stopwatch.UNTIMED_CALLS) >= pairs


# Real boxes.


@pytest.fixture
def boxes(tmp_path: Path) -> Iterator[list[Box]]:
    """Three null runners, trained and settled: as submission, as par and as themselves."""
    opened = []
    submission = null_submission()
    for _ in range(3):
        box = ProcessSandbox().open(submission.folder, Limits(memory_bytes=512 * MIB))
        opened.append(box)
        box.hello(seed=1, num_classes=CLASSES, deadline_seconds=SECONDS)
        box.load(submission.folder, submission.file, "model", SECONDS)
        inputs, labels = np.zeros((20, 8, 8), np.uint8), np.arange(20) % CLASSES
        settings = {"num_classes": CLASSES, "seed": 1, "device": "cpu", "dataset": "digits"}
        box.train([inputs, labels], settings, SECONDS)
        box.settle(1)
        box.close_log()
        box.freeze()
    yield opened
    for box in opened:
        box.close()


def test_a_paired_run_with_real_boxes_asks_every_input_once(
    boxes: list[Box], monkeypatch: pytest.MonkeyPatch
) -> None:
    count, singles = 900, 400
    inputs = np.arange(count, dtype="<u4").view(np.uint8).reshape(count, 2, 2)
    asked: dict[int, list[int]] = {id(box): [] for box in boxes}

    def watch(box: Box) -> None:
        predict = box.predict

        def noted(batch: np.ndarray | list[str], *rest: float) -> tuple[np.ndarray, int]:
            asked[id(box)] += (
                np.ascontiguousarray(batch).reshape(-1, 4).view("<u4").ravel().tolist()
            )
            return predict(batch, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(box, "predict", noted)

    for box in boxes:
        watch(box)
    own, par, null = (
        Side(name, box, np.full((count, CLASSES), np.nan, dtype=np.float32))
        for name, box in zip(("own", "par", "null"), boxes, strict=True)
    )
    with stopwatch.timed_on_cores(boxes, 1):
        latency = stopwatch.run_phase(
            Phase("latency", 1, 0, singles), inputs, own, par, null, SECONDS
        )
        phase = Phase("throughput", 8, own.position, count)
        throughput = stopwatch.run_phase(phase, inputs, own, par, null, SECONDS)
    assert own.position == count
    assert asked[id(own.box)] == list(range(count))
    assert asked[id(par.box)] == sorted(set(asked[id(par.box)]))
    assert not np.isnan(own.scores).any()
    assert not own.scores.any()
    for found in (latency, throughput):
        assert len(found.ratios) >= stopwatch.MIN_PAIRS
        assert (found.ratios > 0).all()
        assert (found.calls > 0).all()
        assert found.null_seconds is not None
        assert found.null_seconds > 0
        assert not found.counts, "a null runner is no par: its figures are the wire's"
    assert stopwatch.worked_while_idle(own) is None
    assert 0.5 < float(np.median(latency.ratios)) < 2.0
