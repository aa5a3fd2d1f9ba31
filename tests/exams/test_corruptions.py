"""The corruption probe: what corrupts a picture, who is asked what, what the figures make of it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from support.answering_box import AnsweringBox, Model
from support.factories import make_task

from grader.course.curriculum import find_task
from grader.course.known_names import corruption_names
from grader.errors import TaskError
from grader.exams.checks import corruptions
from grader.exams.checks.audits import Fresh, Timed
from grader.exams.session import Session
from grader.metrics.statistics import Z95

CORRUPTIONS = corruption_names()
CLASSES = 10
COUNT = 400
NAMES = tuple(f"class {number}" for number in range(CLASSES))


def session(ways: tuple[str, ...] = CORRUPTIONS, dataset: str = "mnist") -> Session:
    task = make_task(classes=CLASSES, batch=32, dataset=dataset, probes={"corruptions": list(ways)})
    return Session(task, cast(Any, None), cast(Any, None))


def pictures(count: int = COUNT) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (n, 28, 28) in which the bright column tells the class."""
    labels = np.arange(count) % CLASSES
    inputs = np.full((count, 28, 28), 20, dtype=np.uint8)
    inputs[np.arange(count)[:, None], :, 4 + 2 * labels[:, None]] = 200
    inputs[:, 0, 0] = np.arange(count) % 250  # no two of a class alike
    return inputs, labels


def brightest_column(sharpness: float) -> Model:
    """Right on what is clean, with logits that far apart."""

    def scores(batch: np.ndarray) -> np.ndarray:
        means = batch.astype(np.float64).mean(axis=1)[:, 4 : 4 + 2 * CLASSES : 2]
        return sharpness * (means - means.mean(axis=1, keepdims=True))

    return scores


def timed(model: Model) -> Timed:
    inputs, labels = pictures()
    return Timed(inputs, labels, model(inputs).astype(np.float32), 100)


def probed(
    model: Model, ways: tuple[str, ...] = CORRUPTIONS
) -> tuple[corruptions.Probed, AnsweringBox]:
    box = AnsweringBox(model)
    kept = Fresh(*pictures())
    return corruptions.probe(session(ways), box, timed(model), kept, NAMES), box


def corrupted(way: str, inputs: np.ndarray) -> np.ndarray:
    return corruptions.corrupt(inputs, way, np.random.default_rng(1))


# What corrupts a picture.


def test_a_task_can_name_just_the_ways_there_are() -> None:
    assert tuple(corruptions.WAYS) == CORRUPTIONS


@pytest.mark.parametrize("way", CORRUPTIONS)
@pytest.mark.parametrize(
    "shape", [(3, 28, 28), (3, 32, 32, 3), (3, 8, 8), (1, 28, 28), (0, 28, 28)]
)
def test_a_copy_has_the_form_of_the_picture_and_leaves_it_alone(
    way: str, shape: tuple[int, ...]
) -> None:
    inputs = np.random.default_rng(0).integers(0, 256, size=shape, dtype=np.uint8)
    before = inputs.copy()
    copies = corrupted(way, inputs)
    assert copies.shape == shape
    assert copies.dtype == np.uint8
    np.testing.assert_array_equal(inputs, before)
    assert not len(inputs) or not np.array_equal(copies, inputs)


def test_noise_has_the_width_that_is_said() -> None:
    gaps = corrupted("noise", np.full((50, 28, 28), 128, np.uint8)).astype(float) - 128
    assert gaps.std() == pytest.approx(0.15 * 255, rel=0.03)
    assert abs(gaps.mean()) < 1


def test_a_blur_spreads_a_point_and_keeps_a_plain_picture() -> None:
    inputs = np.zeros((1, 28, 28), np.uint8)
    inputs[0, 14, 14] = 255
    copy = corrupted("blur", inputs)[0].astype(float)
    assert copy.sum() == pytest.approx(255, rel=0.1)
    assert copy[14, 14] == copy.max() < 40
    columns = np.arange(28)
    share = copy.sum(axis=0) / copy.sum()
    assert np.sqrt(share @ (columns - share @ columns) ** 2) == pytest.approx(1.2, abs=0.15)
    np.testing.assert_array_equal(corrupted("blur", np.full((1, 28, 28), 77, np.uint8)), 77)


def test_contrast_pulls_towards_each_pictures_own_mean_and_brightness_adds() -> None:
    inputs = np.zeros((2, 4, 4), np.uint8)
    inputs[1, :2] = 200
    np.testing.assert_array_equal(corrupted("contrast", inputs)[0], 0)
    assert set(corrupted("contrast", inputs)[1].ravel().tolist()) == {65, 135}
    assert set(corrupted("brightness", inputs)[1].ravel().tolist()) == {64, 255}


def test_a_shift_moves_by_three_pixels_in_every_direction() -> None:
    inputs = np.zeros((400, 28, 28), np.uint8)
    inputs[:, 14, 14] = 9
    found = {
        (int(row) - 14, int(column) - 14)
        for _, row, column in np.argwhere(corrupted("shift", inputs))
    }
    assert found == {(3 * down, 3 * right) for down, right in corruptions.DIRECTIONS}


def test_an_occlusion_hides_a_square_somewhere() -> None:
    copies = corrupted("occlusion", np.zeros((200, 28, 28), np.uint8))
    assert set(np.count_nonzero(copies, axis=(1, 2)).tolist()) == {81}
    corners = {tuple(np.argwhere(copy)[0]) for copy in copies}
    assert len(corners) > 100


# Who is asked what.


def test_every_picture_is_asked_once_in_one_way_and_each_way_as_often() -> None:
    found, box = probed(brightest_column(1.0))
    assert sum(len(batch) for batch in box.asked) == COUNT
    assert max(len(batch) for batch in box.asked) == 32
    counts = np.bincount(found.ways, minlength=len(CORRUPTIONS))
    assert counts.min() >= COUNT // len(CORRUPTIONS)
    asked_each_way = [found.figures[f"corrupted_{way}_accuracy"].n for way in CORRUPTIONS]
    assert found.figures["corrupted_accuracy"].n == sum(asked_each_way) == COUNT


def test_answers_are_kept_at_the_place_of_their_picture() -> None:
    model = brightest_column(1.0)
    found, _ = probed(model, ("contrast",))
    inputs, _ = pictures()
    np.testing.assert_allclose(found.scores, model(corrupted("contrast", inputs)), rtol=1e-6)


def test_only_the_ways_that_are_listed_are_used() -> None:
    found, _ = probed(brightest_column(1.0), ("blur", "shift"))
    assert {name for name in found.figures if name.startswith("corrupted_")} == {
        "corrupted_accuracy",
        "corrupted_blur_accuracy",
        "corrupted_shift_accuracy",
    }
    assert set(found.ways.tolist()) == {0, 1}


def test_texts_cannot_be_corrupted() -> None:
    texts = np.array(["good", "bad"], dtype=object)
    with pytest.raises(TaskError, match="Leave out the key"):
        corruptions.must_be_pictures(session(dataset="imdb"), texts)
    corruptions.must_be_pictures(session(()), texts)
    corruptions.must_be_pictures(session(), pictures(3)[0])


# What the figures make of it.


def test_the_mean_of_three_is_scored_and_lies_within_its_interval() -> None:
    found, _ = probed(brightest_column(1.0))
    value = {name: figure.value for name, figure in found.figures.items()}
    parts = (
        value["worst_class_accuracy"] + value["corrupted_accuracy"] + 1 - value["calibration_error"]
    )
    assert value["responsible_accuracy"] == pytest.approx(parts / 3)
    for name, figure in found.figures.items():
        assert figure.low is not None, name
        assert figure.high is not None, name
        assert 0 <= figure.low <= figure.value <= figure.high + 1e-12 <= 1 + 2e-12, name
    assert found.figures["responsible_accuracy"].n == COUNT


def test_a_class_that_is_given_up_costs_a_third() -> None:
    def gives_up(batch: np.ndarray) -> np.ndarray:
        scores = brightest_column(10.0)(batch)
        scores[:, 7] = -1e4
        return scores

    whole, _ = probed(brightest_column(10.0))
    part, _ = probed(gives_up)
    assert part.figures["worst_class_accuracy"].value == 0
    assert part.figures["worst_class_accuracy"].n == COUNT // CLASSES
    assert "class 7" in part.notes[0]
    gap = whole.figures["responsible_accuracy"].value - part.figures["responsible_accuracy"].value
    assert gap > 0.33


def test_modest_and_boastful_scores_cost_what_they_are_off() -> None:
    shy = probed(brightest_column(1e-6))[0].figures["calibration_error"].value
    sure = probed(brightest_column(10.0))[0].figures["calibration_error"].value
    # all are right, and each was promised with one tenth
    assert shy == pytest.approx(0.9, abs=1e-3)
    assert sure < 1e-3


def test_an_answer_that_is_not_finite_is_a_wrong_one() -> None:
    inputs, _ = pictures()
    known = {picture.tobytes() for picture in inputs}

    def model(batch: np.ndarray) -> np.ndarray:
        scores = brightest_column(10.0)(batch)
        scores[[picture.tobytes() not in known for picture in batch]] = np.nan
        return scores

    found, _ = probed(model)
    assert found.figures["corrupted_accuracy"].value < 0.05
    assert np.isfinite(found.figures["responsible_accuracy"].value)


def test_the_interval_is_as_wide_as_runs_differ() -> None:
    """Drawn again and again, pictures and answers, the figure's spread is that of its interval."""
    draw = np.random.default_rng(0)
    labels = np.arange(COUNT) % CLASSES
    values = []
    halves = []
    for _ in range(60):
        right = draw.random(COUNT) < 0.8
        scores = np.zeros((COUNT, CLASSES), np.float32)
        scores[np.arange(COUNT), np.where(right, labels, (labels + 1) % CLASSES)] = 3.0
        seen = Timed(np.zeros((COUNT, 1, 1), np.uint8), labels, scores, 0)
        corrupted = draw.random(COUNT) < 0.6
        figure = corruptions.taken_together(seen, corrupted, draw)["responsible_accuracy"]
        assert figure.high is not None
        values.append(figure.value)
        halves.append(figure.high - figure.value)
    spread = Z95 * float(np.std(values, ddof=1))
    assert 0.6 * spread < float(np.median(halves)) < 1.7 * spread


def test_the_lessons_picture_is_there_and_can_be_drawn() -> None:
    from benchmarks import lesson_pictures

    lesson = lesson_pictures.corrupted_file().with_name("README.md").read_text("utf-8")
    assert f"]({lesson_pictures.CORRUPTED_PICTURE})" in lesson
    shown = np.stack([pictures(3)[0]] * (len(CORRUPTIONS) + 1), axis=1)
    drawn = lesson_pictures.draw_corrupted(shown)
    signature = b"\x89PNG\r\n\x1a\n"
    assert drawn.startswith(signature)
    assert lesson_pictures.corrupted_file().read_bytes().startswith(signature)
    assert drawn[16:24] == lesson_pictures.corrupted_file().read_bytes()[16:24]  # width and height


@pytest.mark.parametrize("way", CORRUPTIONS)
def test_the_lesson_and_the_guide_name_every_way(way: str) -> None:
    lesson = find_task("fair-and-robust").folder / "README.md"
    guide = lesson.parent.parent.parent / "docs" / "measure" / "measuring.md"
    assert f"| {way} |" in lesson.read_text("utf-8")
    assert f"| `{way}` |" in guide.read_text("utf-8")
