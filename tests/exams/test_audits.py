"""Audits after the timed phase: what they measure, what is only a mistake, what is flagged and what
never is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from support.answering_box import AnsweringBox, Model
from support.factories import accuracy, make_result, make_task
from support.planted import PLANTED
from typer.testing import CliRunner

from grader import cli
from grader.course.curriculum import find_task
from grader.course.pictures import brightness_and_noise
from grader.course.score import AUDITS, CAPPED_SHARE, gap_flag, score_run
from grader.course.task_file import AuditTable, LimitsTable, ScoringTable
from grader.errors import SubmissionFailed, UsageError
from grader.exams.checks import audits
from grader.exams.checks.audits import Fresh, Timed
from grader.exams.checks.shares import gap_between
from grader.exams.session import Session
from grader.grading.pipeline import grade, rescore
from grader.metrics.statistics import Z95
from grader.records import Failure, Measured, Result, Score, Status
from grader.sandbox.box import Box
from grader.terminal import print_result
from reports.pages.result import result_page

CLASSES, BATCH, COUNT = 10, 32, 640
FRESH = 96  # kept for perturbed copies, never asked as they are
SINGLES = 192  # asked one at a time in the timed phase; the rest in 14 whole batches
SCORING = ScoringTable(
    curve=[(0.5, 0), (1.0, 1)], gate=0.9, points={"accuracy": 60, "speed": 25, "memory": 15}
)


def session(**spec: Any) -> Session:
    task = make_task(**({"classes": CLASSES, "batch": BATCH, "dataset": "digits"} | spec))
    return Session(task, cast(Any, None), cast(Any, None))


def images(count: int = COUNT, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return images whose middle pixel tells the class plainly, with labels; no two are alike."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, CLASSES, size=count)
    inputs = draw.integers(1, 256, size=(count, 5, 5), dtype=np.uint8)
    inputs[:, 2, 2] = 20 * labels + 10
    return inputs, labels


def honest(batch: np.ndarray) -> np.ndarray:
    return -np.abs(batch[:, 2, 2].astype(float)[:, None] - (20 * np.arange(CLASSES) + 10))


def perturbed(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies with everything new but the pixel that tells the class."""
    copies = draw.integers(1, 256, size=inputs.shape, dtype=np.uint8)
    copies[:, 2, 2] = inputs[:, 2, 2]
    return copies


def audited(model: Model) -> tuple[dict[str, Measured], tuple[str, ...], AnsweringBox]:
    """Audit a model after a timed phase in which a part was asked one at a time, the rest in
    batches.
    """
    inputs, labels = images()
    parts = [*audits.cut(np.arange(SINGLES), 1), *audits.cut(np.arange(SINGLES, COUNT), BATCH)]
    scores = np.concatenate([model(inputs[part]) for part in parts]).astype(np.float32)
    box = AnsweringBox(model)
    timed = Timed(inputs, labels, scores, SINGLES)
    return *audits.audit(session(), box, timed, Fresh(*images(FRESH, 6)), perturbed), box


def flag(figures: dict[str, Measured], value: float = 1.0) -> str:
    failure = gap_flag(AuditTable(), figures | {"accuracy": accuracy(value)})
    return "" if failure is None else failure.code


# What is asked.


def capped(figures: dict[str, Measured], value: float = 1.0) -> str:
    return score_run(SCORING, figures | {"accuracy": accuracy(value)}, [])[0].capped


def test_an_honest_model_loses_nothing_and_hears_nothing() -> None:
    figures, notes, _ = audited(honest)
    gaps = {name: figures[name] for name in figures if name in AUDITS}
    assert figures.pop("alone_gap").value == 0
    assert {name: figure.value for name, figure in figures.items()} == {
        name: float(name not in gaps) for name in figures
    }
    assert {name: figure.n for name, figure in gaps.items()} == {
        "perturbed_gap": COUNT,
        "fresh_gap": FRESH,
        "repeat_gap": COUNT - SINGLES,
        "batch_gap": COUNT - SINGLES,
    }
    assert set(gaps) == set(AUDITS) - {"retrain_gap"}
    assert {name: figures[name].n for name in figures if name not in gaps} == {
        "repeat_same": COUNT - SINGLES,
        "batch_same": COUNT - SINGLES,
        "alone_same": audits.ALONE,
        "alone_accuracy": SINGLES,
    }
    assert capped(figures) == ""
    assert notes == ()
    assert flag(figures) == ""


def nearest(image: np.ndarray, inputs: np.ndarray) -> int:
    """Return the place of the input that an image differs from by one grey level, or -1."""
    steps = np.abs(inputs.astype(int) - image.astype(int)).sum(axis=(1, 2))
    return int(np.argmin(steps)) if steps.min() == 1 else -1


def test_only_what_was_asked_in_batches_is_asked_again_and_in_the_same_batches() -> None:
    inputs, _ = images()
    _, _, box = audited(honest)
    of_copies = -(-(COUNT + FRESH) // BATCH)
    places = [[nearest(image, inputs) for image in batch] for batch in box.asked]
    batched = list(range(SINGLES, COUNT))
    copies, rest = places[:of_copies], places[of_copies:]
    same, rest = rest[:14], rest[14:]
    assert {place for batch in copies for place in batch} == {-1}
    assert sorted(same) == [
        batched[start : start + BATCH] for start in range(0, len(batched), BATCH)
    ]
    others, alone = rest[: -audits.ALONE], rest[-audits.ALONE :]
    assert {len(batch) for batch in others[:-1]} == {BATCH * 3 // 4}
    assert sorted(place for batch in others for place in batch) == batched
    assert others[0] != sorted(others[0])
    assert {len(batch) for batch in alone} == {1}
    assert {place for batch in alone for place in batch} <= set(batched)


def test_an_audit_ends_in_time_but_not_before_it_has_seen_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audits, "AUDIT_SECONDS", 0.0)
    monkeypatch.setattr(audits, "LEAST", 3 * BATCH)
    figures, _, _ = audited(honest)
    assert figures["perturbed_gap"].n + figures["fresh_gap"].n == 3 * BATCH


def test_a_table_of_known_images_is_flagged() -> None:
    inputs, labels = images()
    table = {image.tobytes(): label for image, label in zip(inputs, labels, strict=True)}
    figures, notes, _ = audited(
        lambda batch: np.eye(CLASSES)[[table.get(image.tobytes(), 0) for image in batch]]
    )
    assert figures["perturbed_gap"].value > 0.8
    assert flag(figures) == "perturbed_gap"
    assert notes == ()


def test_what_answers_well_only_once_is_flagged() -> None:
    seen: set[bytes] = set()

    def model(batch: np.ndarray) -> np.ndarray:
        again = np.array([image[:, 0].tobytes() in seen for image in batch])
        seen.update(image[:, 0].tobytes() for image in batch)
        return np.where(again[:, None], 0, honest(batch))

    figures, _, _ = audited(model)
    assert flag(figures) == "repeat_probe"


def test_what_knows_the_size_of_batches_is_flagged() -> None:
    def model(batch: np.ndarray) -> np.ndarray:
        return honest(batch) * (1.0 if len(batch) != BATCH * 3 // 4 else -1.0)

    figures, _, _ = audited(model)
    assert flag(figures) == "batch_probe"


# What remembers.


class Remembering:
    """Answers what looks like something it was asked as it answered that; else as `model` does."""

    def __init__(self, model: Model, reach: float) -> None:
        self.model = model
        self.reach = reach  # grey levels, summed over all pixels
        self.seen: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        fresh = np.asarray(self.model(batch), dtype=float)
        for place, image in enumerate(batch):
            known = self.recalled(image)
            if known is None:
                self.seen.append(image.astype(int))
                self.rows.append(fresh[place])
            else:
                fresh[place] = known
        return fresh

    def recalled(self, image: np.ndarray) -> np.ndarray | None:
        if not self.seen:
            return None
        apart = np.abs(np.stack(self.seen) - image).sum(axis=(1, 2))
        return self.rows[int(np.argmin(apart))] if apart.min() <= self.reach else None


def dimmed(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies a little different, by which nobody takes one for another."""
    copies = inputs.copy()
    copies[:, 0] = np.clip(
        copies[:, 0].astype(int) + draw.integers(-3, 4, (len(inputs), 5)), 0, 255
    )
    return copies


def remembered(model: Model, reach: float) -> dict[str, Measured]:
    """Audit a model that remembers, after a timed phase that it has seen as well."""
    memory = Remembering(model, reach)
    inputs, labels = images()
    parts = [*audits.cut(np.arange(SINGLES), 1), *audits.cut(np.arange(SINGLES, COUNT), BATCH)]
    scores = np.concatenate([memory(inputs[part]) for part in parts]).astype(np.float32)
    timed = Timed(inputs, labels, scores, SINGLES)
    fresh = Fresh(*images(FRESH, 6))
    return audits.audit(session(), AnsweringBox(memory), timed, fresh, dimmed)[0]


@pytest.mark.parametrize("reach", [0, 40])
def test_a_table_of_what_was_asked_is_flagged_by_what_was_not(reach: float) -> None:
    """Of every original it knows the answer; what it was not asked it knows nothing of."""
    inputs, labels = images()
    table = {image.tobytes(): label for image, label in zip(inputs, labels, strict=True)}
    figures = remembered(
        lambda batch: np.eye(CLASSES)[[table.get(image.tobytes(), 0) for image in batch]], reach
    )
    assert figures["fresh_gap"].value > 0.8
    assert flag({"fresh_gap": figures["fresh_gap"]}) == "fresh_gap"
    assert (flag({"perturbed_gap": figures["perturbed_gap"]}) == "") == (reach > 0)


@pytest.mark.parametrize("reach", [0, 1, 40])
def test_answers_that_follow_the_batch_are_counted_one_by_one_whatever_is_remembered(
    reach: float,
) -> None:
    def model(batch: np.ndarray) -> np.ndarray:
        return honest(batch) if len(batch) > 1 else np.zeros((1, CLASSES))

    figures = remembered(model, reach)
    if reach:
        assert figures["alone_same"].value == figures["batch_same"].value == 1
    score, verdict = score_run(SCORING, figures | {"accuracy": accuracy(0.73)}, [])
    assert score.accuracy == 0
    assert verdict.status is Status.BELOW_TARGET
    assert "worse when asked alone" in score.capped


def test_what_is_as_right_alone_as_in_company_is_hardly_ever_said_to_be_worse() -> None:
    draw = np.random.default_rng(2)
    capped_runs = 0
    for _ in range(3000):
        in_batches = draw.random(COUNT - SINGLES) < 0.97
        alone = draw.random(SINGLES) < 0.97
        figures = {"alone_gap": gap_between(in_batches, alone)}
        capped_runs += capped(figures) != ""
    assert capped_runs == 0


def test_no_audit_of_unasked_inputs_where_none_are_kept() -> None:
    inputs, labels = images()
    timed = Timed(inputs, labels, honest(inputs).astype(np.float32), SINGLES)
    kept = Fresh(inputs[:0], labels[:0])
    figures, _ = audits.audit(session(), AnsweringBox(honest), timed, kept, perturbed)
    assert "fresh_gap" not in figures
    assert figures["perturbed_gap"].n == COUNT


# What is only a mistake.


def test_dropout_left_on_is_told_and_not_flagged() -> None:
    draw = np.random.default_rng(0)
    for _ in range(20):
        figures, notes, _ = audited(
            lambda batch: honest(batch) + draw.normal(0, 8, size=(len(batch), CLASSES))
        )
        assert abs(figures["repeat_gap"].value) < 0.1
        assert flag(figures, 0.9) == ""
        assert len(notes) == 1
        assert "model.eval()" in notes[0]
        assert "random" in notes[0]
        assert capped(figures, 0.9) == ""


def test_batch_normalisation_left_on_is_told_and_not_flagged() -> None:
    def model(batch: np.ndarray) -> np.ndarray:
        scores = honest(batch)
        return scores - 0.2 * scores.mean(axis=0) if len(batch) > 1 else np.zeros_like(scores)

    figures, notes, _ = audited(model)
    assert flag(figures) == ""
    assert len(notes) == 1
    assert "neighbours" in notes[0]
    # all of these: one of the first got another label
    assert f"{COUNT - SINGLES} when asked alone" in notes[0]
    # Alone, in the timed phase, none was answered: that costs points, and is no fraud.
    assert figures["alone_gap"].value > 0.7


# What follows the batch costs points.


def test_who_is_right_in_a_batch_alone_counts_by_the_answers_one_by_one() -> None:
    def model(batch: np.ndarray) -> np.ndarray:
        return honest(batch) if len(batch) > 1 else np.zeros((1, CLASSES))

    figures, _, _ = audited(model)
    timed = float(np.mean([*[0.1] * SINGLES, *[1.0] * (COUNT - SINGLES)]))
    score, verdict = score_run(SCORING, figures | {"accuracy": accuracy(timed)}, [])
    assert figures["alone_same"].value < 0.2
    assert figures["batch_same"].value == 1.0
    assert score.accuracy == 0.0
    assert verdict.status is Status.BELOW_TARGET
    assert verdict.code == "gate"
    assert score.capped in verdict.reason
    assert "one by one" in score.capped


def test_who_is_as_right_alone_but_says_something_else_gets_most_of_the_points() -> None:
    draw = np.random.default_rng(1)
    errs = images()[0][draw.random(COUNT) < 0.1]

    def model(batch: np.ndarray) -> np.ndarray:
        """One in ten is wrong, and in which way, alone or in company, is another way."""
        apart = np.abs(batch[:, None].astype(int) - errs.astype(int)).sum(axis=(2, 3))
        wrong = apart.min(axis=1) <= 1
        return np.where(
            wrong[:, None], np.roll(honest(batch), 1 + (len(batch) > 1), axis=1), honest(batch)
        )

    figures, _, _ = audited(model)
    assert figures["alone_same"].n == COUNT - SINGLES
    figures = figures | {"accuracy": accuracy(0.9), "alone_accuracy": accuracy(0.9)}
    scoring = SCORING.model_copy(update={"curve": [(0.5, 0.0), (0.9, 1.0)]})
    score, verdict = score_run(scoring, figures, [])
    assert score.accuracy == pytest.approx(CAPPED_SHARE * 60)
    assert verdict.status is Status.ACCEPTED
    assert "at most 80%" in score.capped
    assert "one by one" not in score.capped


def test_who_looks_at_the_neighbours_only_in_company_is_capped_as_well() -> None:
    def model(batch: np.ndarray) -> np.ndarray:
        scores = honest(batch)
        return scores if len(batch) in (1, BATCH) else np.roll(scores, 1, axis=1)

    figures, _, _ = audited(model)
    assert figures["alone_same"].value == 1.0
    score, _ = score_run(SCORING, figures | {"accuracy": accuracy(1.0)}, [])
    assert "asked among other inputs" in score.capped
    assert score.accuracy == 0.0


def test_a_label_that_rounding_turns_is_no_reason() -> None:
    def model(batch: np.ndarray) -> np.ndarray:
        scores = honest(batch)
        if len(batch) == 1 and batch[0, 0, 0] % 128 == 0:  # one in 128 is a near tie
            return np.roll(scores, 1, axis=1)
        return scores

    figures, _, _ = audited(model)
    assert figures["alone_same"].value >= 0.97
    assert capped(figures) == ""


def test_more_are_asked_alone_only_where_a_label_moved_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audits, "AUDIT_SECONDS", 0.0)

    def model(batch: np.ndarray) -> np.ndarray:
        return honest(batch) * (1.0 if len(batch) > 1 else -1.0)

    figures, _, _ = audited(model)
    assert figures["alone_same"].n == audits.ALONE
    assert capped(figures) != ""


def test_the_reason_is_shown_in_the_terminal_and_on_the_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reason = (
        "answers depend on what else is in the batch: 91 % of 444 inputs get a different label "
        "when asked alone"
    )
    plain = make_result()
    assert plain.score is not None
    result = plain.model_copy(update={"score": plain.score.model_copy(update={"capped": reason})})
    for each, is_there in ((result, True), (plain, False)):
        print_result(Console(width=200), each, "")
        assert (f"capped: {reason}" in capsys.readouterr().out) == is_there
        assert (f"Capped: {reason}" in result_page(each)) == is_there


def test_an_older_result_is_not_capped_and_loads() -> None:
    assert capped({}) == ""
    old = {
        "total": 1,
        "accuracy": 1,
        "speed": 0,
        "memory": 0,
        "max_accuracy": 60,
        "max_speed": 25,
        "max_memory": 15,
    }
    assert Score.model_validate(old).capped == ""


def test_rounding_is_not_told() -> None:
    draw = np.random.default_rng(0)
    _, notes, _ = audited(
        lambda batch: honest(batch) * (1 + draw.normal(0, 1e-3, size=(len(batch), 1)))
    )
    assert notes == ()


def test_answers_that_are_no_numbers_any_more_are_wrong() -> None:
    scores = np.array([[0.0, 1.0], [np.nan, 5.0], [np.inf, 0.0], [2.0, 1.0]], dtype=np.float32)
    assert audits.is_right(scores, np.array([1, 1, 0, 1])).tolist() == [True, False, False, False]
    assert audits.moved(np.zeros((2, 2)), np.array([[0.0, np.nan], [0.0, 0.0]])).tolist() == [
        True,
        False,
    ]
    assert audits.moved(np.zeros((0, 2)), np.zeros((0, 2))).tolist() == []


# The figure and its interval.


def test_the_gap_of_a_known_table() -> None:
    """40 right before and wrong after, 10 the other way round, of 600: Agresti and Min's formula by
    hand.
    """
    before = np.repeat([True, False, True, False], [40, 10, 500, 50])
    after = np.repeat([False, True, True, False], [40, 10, 500, 50])
    found = audits.gap(before, after)
    assert found.value == pytest.approx(0.05)
    half = Z95 * np.sqrt(40.5 + 10.5 - 30**2 / 602) / 602
    assert (found.low, found.high) == (
        pytest.approx(30 / 602 - half),
        pytest.approx(30 / 602 + half),
    )


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=300))
def test_the_gap_lies_within_its_interval_and_turns_round(pairs: list[tuple[bool, bool]]) -> None:
    before, after = np.array(pairs).T
    found, other = audits.gap(before, after), audits.gap(after, before)
    assert found.value == pytest.approx(before.mean() - after.mean())
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert found.low < found.high
    assert (other.value, other.low) == (pytest.approx(-found.value), pytest.approx(-found.high))


def test_chance_alone_is_hardly_ever_beyond_three_deviations() -> None:
    draw = np.random.default_rng(1)
    none_allowed = AuditTable(max_drop=0.0)
    flags = 0
    for _ in range(4000):
        before, after = draw.random((2, COUNT)) < 0.95
        figures = {"accuracy": accuracy(0.95), "repeat_gap": audits.gap(before, after)}
        flags += gap_flag(none_allowed, figures) is not None
    assert flags <= 16  # 5.4 expected


# When a person should look.


def lost(share: float, count: int = 10_000) -> Measured:
    """Return a gap in which inputs only went from right to wrong."""
    before = np.ones(count, dtype=bool)
    after = np.arange(count) >= share * count
    return audits.gap(before, after)


@pytest.mark.parametrize(
    ("name", "value", "figure", "code"),
    [
        ("perturbed_gap", 0.90, lost(0.09), ""),  # errors may double
        ("perturbed_gap", 0.90, lost(0.13), "perturbed_gap"),
        (
            "perturbed_gap",
            1.00,
            lost(0.007),
            "perturbed_gap",
        ),  # a table of MNIST beside a network of 99.3 %
        ("perturbed_gap", 0.993, lost(0.007), ""),
        ("perturbed_gap", 1.00, lost(0.015, 600), ""),  # so few could be chance
        ("perturbed_gap", 1.00, lost(0.045, 600), "perturbed_gap"),
        ("repeat_gap", 0.95, lost(0.045), ""),
        ("repeat_gap", 0.95, lost(0.07), "repeat_probe"),
        ("batch_gap", 0.95, lost(0.07), "batch_probe"),
        ("retrain_gap", 0.95, lost(0.07), "retrain"),
        ("retrain_gap", 0.95, lost(0.9), "retrain"),
        (
            "perturbed_gap",
            0.95,
            Measured(value=0.9, unit="share"),
            "",
        ),  # without an interval nothing is claimed
    ],
)
def test_what_is_flagged(name: str, value: float, figure: Measured, code: str) -> None:
    assert flag({name: figure}, value) == code


def test_a_reason_says_figures_and_accuses_nobody() -> None:
    for name in AUDITS:
        failure = gap_flag(AuditTable(), {"accuracy": accuracy(0.95), name: lost(0.5)})
        assert failure is not None
        assert failure.status is Status.FLAGGED
        assert "an instructor should look at the source" in failure.reason
        assert "45.0 % against 95.0 %" in failure.reason or "50.0 points lower" in failure.reason
        assert not {"cheat", "fraud", "plagiar"} & set(failure.reason.lower().split())


def test_a_flag_keeps_the_points_for_accuracy_alone() -> None:
    figures = {
        "accuracy": accuracy(0.95),
        "speed_ratio": Measured(value=4.0, unit="ratio"),
        "memory_ratio": Measured(value=4.0, unit="ratio"),
    }
    clean, accepted = score_run(SCORING, figures, [])
    flagged, verdict = score_run(SCORING, figures | {"perturbed_gap": lost(0.5)}, [])
    assert accepted.status is Status.ACCEPTED
    assert (verdict.status, verdict.code) == (Status.FLAGGED, "perturbed_gap")
    assert (flagged.accuracy, flagged.speed, flagged.memory) == (clean.accuracy, 0, 0)
    assert clean.speed > 0


def test_an_earlier_failure_comes_first() -> None:
    failure = Failure(Status.FLAGGED, "worked_while_idle", "why")
    _, verdict = score_run(
        SCORING, {"accuracy": accuracy(0.95), "perturbed_gap": lost(0.5)}, [], failure
    )
    assert verdict.code == "worked_while_idle"


def test_rescoring_judges_again_what_was_measured() -> None:
    figures = {"accuracy": accuracy(0.95), "perturbed_gap": lost(0.2)}
    strict, loose = (
        make_task(scoring=SCORING.model_copy(update={"audit": AuditTable(max_gap=gap)}))
        for gap in (0, 1)
    )
    result = make_result(measurements=figures, points=(54.0, 0.0, 0.0))
    flagged = rescore(result, strict)
    assert (flagged.verdict.status, flagged.verdict.code) == (Status.FLAGGED, "perturbed_gap")
    assert rescore(flagged, strict) == flagged
    assert rescore(flagged, loose).verdict.status is Status.ACCEPTED
    for code in ("worked_while_idle", "retrain_failed"):
        kept = flagged.model_copy(
            update={"verdict": flagged.verdict.model_copy(update={"code": code})}
        )
        assert rescore(kept, loose).verdict == kept.verdict


def test_black_pixels_stay_black_in_a_changed_copy() -> None:
    """A model that divides each pixel by its spread is honest; noise where it never saw any would
    ruin its answers.
    """
    draw = np.random.default_rng(2)
    inputs = draw.integers(0, 256, size=(50, 8, 8), dtype=np.uint8)
    inputs[:, 0] = 0
    copies = brightness_and_noise(inputs, draw)
    assert not copies[:, 0].any()
    changed = (copies != inputs).mean(axis=(1, 2))
    assert changed.min() > 0.5
    assert np.abs(copies.astype(float) - inputs).max() < 80


# Texts.

WORDS = 400  # texts that are asked


def texts() -> tuple[np.ndarray, np.ndarray]:
    """Return texts of two classes with labels: those of class 1 tend to be longer and say yes, the
    others no.
    """
    draw = np.random.default_rng(6)
    labels = draw.integers(0, 2, size=WORDS)
    inputs = np.empty(WORDS, dtype=object)
    for place, label in enumerate(labels):
        words = draw.choice(
            ["film", "story", "plot"], size=draw.integers(3, 9) + 3 * label
        ).tolist()
        inputs[place] = " ".join([*words, ("no", "yes")[label], f"number{place}"])
    return inputs, labels


def audited_texts(judge: Callable[[str], bool]) -> tuple[dict[str, Measured], AnsweringBox]:
    """Audit what judges one text after the other."""
    inputs, labels = texts()

    def model(batch: np.ndarray) -> np.ndarray:
        return np.eye(2)[[int(judge(text)) for text in batch]]

    box = AnsweringBox(model)
    timed = Timed(inputs, labels, model(inputs).astype(np.float32), SINGLES)
    kept = Fresh(inputs[:0], labels[:0])
    figures, _ = audits.audit(session(classes=2), box, timed, kept, lambda batch, _: batch)
    return figures, box


def test_who_reads_only_the_length_is_right_by_chance_among_texts_of_like_length() -> None:
    inputs, labels = texts()
    plain = np.mean(
        [(len(text.split()) > 9) == label for text, label in zip(inputs, labels, strict=True)]
    )
    assert plain > 0.7
    figures, _ = audited_texts(lambda text: len(text.split()) > 9)
    matched = figures["length_matched_accuracy"]
    assert matched.value == 0.5
    assert WORDS / 4 < matched.n < WORDS
    assert matched.low is not None
    assert matched.low < 0.5


def test_who_reads_the_words_is_right_whatever_their_number_and_their_order() -> None:
    figures, box = audited_texts(lambda text: "yes" in text.split())
    for name in ("length_matched_accuracy", "shuffled_accuracy", "shuffled_same"):
        assert figures[name].value == 1
    assert figures["shuffled_accuracy"].n == WORDS
    assert flag(figures) == ""
    inputs, _ = texts()
    shuffled = [text for batch in box.asked for text in batch if text not in set(inputs)]
    assert len(shuffled) > 0.9 * WORDS
    assert {" ".join(sorted(text.split())) for text in shuffled} <= {
        " ".join(sorted(t.split())) for t in inputs
    }


def test_who_reads_the_order_answers_shuffled_texts_in_another_way_and_is_not_flagged() -> None:
    figures, _ = audited_texts(lambda text: text.split()[-2] == "yes")
    assert figures["length_matched_accuracy"].value == 1
    assert 0.4 < figures["shuffled_accuracy"].value < 0.75
    # the timed answers were all right
    assert figures["shuffled_same"].value == figures["shuffled_accuracy"].value
    assert flag(figures) == ""


def test_texts_of_classes_that_share_no_length_are_not_matched() -> None:
    inputs = np.array(["one", "one two", "one two", "one"], dtype=object)
    timed = Timed(inputs, np.array([0, 1, 1, 0]), np.eye(2, dtype=np.float32)[[0, 1, 1, 0]], 0)
    assert audits.length_matched(timed, np.random.default_rng(0)) == {}


def test_pictures_have_no_words() -> None:
    figures, _, _ = audited(honest)
    assert not {name for name in figures if name.startswith(("shuffled", "length"))}


# The retraining audit.


@given(st.integers(2, 100), st.integers(0, 2**32))
def test_no_class_keeps_its_number(classes: int, seed: int) -> None:
    renumbered = audits.renumbering(classes, np.random.default_rng(seed))
    assert sorted(renumbered.tolist()) == list(range(classes))
    assert not (renumbered == np.arange(classes)).any()


def test_the_numbers_are_drawn() -> None:
    draw = np.random.default_rng(0)
    assert len({tuple(audits.renumbering(10, draw)) for _ in range(50)}) == 50


def held(
    model_for: Callable[[np.ndarray], Model], **spec: Any
) -> tuple[audits.Retrained, list[np.ndarray]]:
    inputs, labels = images()
    given_to: list[np.ndarray] = []

    def train_again(renumbered: np.ndarray) -> Box:
        given_to.append(renumbered)
        return AnsweringBox(model_for(renumbered))

    return audits.retrain(
        session(**spec), inputs, labels, np.ones(COUNT, dtype=bool), train_again
    ), given_to


def test_a_model_that_learns_learns_other_numbers_as_well() -> None:
    found, _ = held(lambda renumbered: lambda batch: honest(batch)[:, np.argsort(renumbered)])
    assert found.failure is None
    assert found.notes == ()
    assert found.figures["retrain_accuracy"].value == 1
    assert found.figures["retrain_gap"].value == 0
    assert flag(found.figures) == ""


def test_known_answers_are_all_wrong() -> None:
    found, _ = held(lambda _: honest)
    assert found.failure is None
    assert found.figures["retrain_accuracy"].value == 0
    assert flag(found.figures) == "retrain"


def test_the_second_trainings_log_is_closed_before_hidden_inputs_are_asked() -> None:
    inputs, labels = images()
    box = AnsweringBox(honest)
    heard: list[int] = []  # how much had been asked when the log was closed
    box.close_log = lambda: heard.append(len(box.asked))  # type: ignore[method-assign]
    audits.retrain(session(), inputs, labels, np.ones(COUNT, dtype=bool), lambda _: box)
    assert box.asked
    assert heard == [0]


def test_not_getting_through_a_second_training_is_flagged() -> None:
    def fails(_: np.ndarray) -> Model:
        raise SubmissionFailed(
            Failure(Status.RUNTIME_ERROR, "raised", "while training: ValueError.")
        )

    found, _ = held(fails)
    assert found.figures == {}
    assert found.failure is not None
    assert (found.failure.status, found.failure.code) == (Status.FLAGGED, "retrain_failed")
    assert "while training: ValueError." in found.failure.reason


@pytest.mark.parametrize("status", [Status.TIME_LIMIT_EXCEEDED, Status.MEMORY_LIMIT_EXCEEDED])
def test_a_second_training_that_is_late_says_nothing(status: Status) -> None:
    def late(_: np.ndarray) -> Model:
        raise SubmissionFailed(Failure(status, "deadline", "while training: no complete answer."))

    found, _ = held(late)
    assert (found.figures, found.failure) == ({}, None)
    assert len(found.notes) == 1
    assert "is inconclusive: while training: no complete answer." in found.notes[0]


def test_trained_weights_are_not_trained_again() -> None:
    found, given_to = held(lambda _: honest, limits=LimitsTable(weights_mib=10))
    assert (found.figures, found.failure, given_to) == ({}, None, [])
    assert "trained weights" in found.notes[0]


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("accepted/exact_table_beside_neighbours", "retrain"),
        ("accepted/nearest_neighbours", ""),
        ("accepted/own_predict", ""),
    ],
)
def test_the_retraining_audit_in_a_box(
    folder: str, code: str, grade_folder: Callable[..., Result]
) -> None:
    result = grade_folder(PLANTED / "digits" / folder, "digits", audit="retrain")
    assert result.verdict.code == code, result.verdict.reason
    again = result.measurements["retrain_accuracy"]
    assert again.n == 540  # a tenth is kept for other questions
    assert (again.value < 0.1) == bool(code)
    assert result.notes == [note for note in result.notes if "noisy" in note]


@pytest.mark.nightly
@pytest.mark.data
def test_the_retraining_audit_of_a_tutorials_script(grade_folder: Callable[..., Result]) -> None:
    """What loads its data as in a tutorial gets the renumbered labels as well."""
    script = find_task("mnist").reference_folder / "tutorial_script"
    result = grade_folder(script, "mnist", audit="retrain", with_par=False)
    assert result.verdict.code == ""
    assert result.measurements["retrain_accuracy"].value > 0.93


def test_a_mistake_is_told_in_the_result(grade_source: Callable[..., Result]) -> None:
    result = grade_source(NOISY, "digits")
    assert result.verdict.status is Status.ACCEPTED
    assert any("something random is still on" in note for note in result.notes)


NOISY = """
import numpy as np


def train(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    draw = np.random.default_rng()

    def scores(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        distances = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        votes = np.eye(10)[data.labels[np.argsort(distances, axis=1)[:, :5]]].sum(axis=1)
        return votes + draw.uniform(0, 0.9, size=votes.shape)

    return scores
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("neuron", "--audit", "retrain"),
            "its exam offers none, so leave --audit out",
        ),
        (("digits", "--audit", "confess"), "here --audit can be retrain"),
    ],
)
def test_an_audit_that_is_not_offered_is_a_wrong_word(
    arguments: Sequence[str], said: str, tmp_path: Path, results: Path
) -> None:
    (tmp_path / "solution.py").write_text("def train(data): ...\ndef forward(): ...\n")
    task, *options = arguments
    command = [
        "run",
        str(tmp_path / "solution.py"),
        "--task",
        task,
        "--results",
        str(results),
        *options,
    ]
    outcome = CliRunner().invoke(cli.app, command)
    assert isinstance(outcome.exception, UsageError)
    assert said in str(outcome.exception)
    assert not results.exists()


def test_the_pipeline_refuses_it_as_well(results: Path) -> None:
    with pytest.raises(UsageError, match="retrain"):
        grade(cast(Any, None), find_task("neuron"), cast(Any, None), results, audit="retrain")
    assert not results.exists()
