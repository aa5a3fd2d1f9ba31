"""Changed copies of hidden inputs: read the same by a person, the same to no table of checksums."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from support.constant_box import ConstantSandbox
from support.factories import make_task

from grader.course import warps
from grader.course.datasets import digits, imdb
from grader.course.pictures import blobs
from grader.errors import TaskError
from grader.exams.kinds import classification
from grader.exams.session import Session


@pytest.mark.parametrize("shape", [(8, 8), (28, 28), (32, 32, 3)])
def test_copies_have_the_same_form_and_none_is_what_it_was(shape: tuple[int, ...]) -> None:
    pictures, *_ = blobs(np.random.default_rng(0), shape, 10, 1050, 0)
    copies = warps.warped(pictures, np.random.default_rng(1))
    assert copies.shape == pictures.shape
    assert copies.dtype == np.uint8
    flat = (copies == pictures).reshape(len(pictures), -1)
    assert not flat.all(axis=1).any()


def test_no_two_runs_and_no_two_copies_change_alike() -> None:
    one = np.zeros((28, 28), np.uint8)
    one[8:20, 12:16] = 200
    pictures = np.stack([one] * 40)
    first = warps.warped(pictures, np.random.default_rng(1))
    second = warps.warped(pictures, np.random.default_rng(2))
    every = np.concatenate([first, second]).reshape(80, -1)
    assert len(np.unique(every, axis=0)) == 80


def test_what_is_drawn_stays_where_it_was_but_for_little() -> None:
    pictures = np.zeros((500, 28, 28), np.uint8)
    pictures[:, 8:20, 12:16] = 200
    copies = warps.warped(pictures, np.random.default_rng(3)).astype(np.float64)
    places = np.arange(28)
    mass = copies.sum(axis=(1, 2))
    down = (copies.sum(axis=2) @ places) / mass - 13.5
    right = (copies.sum(axis=1) @ places) / mass - 13.5
    assert np.abs(down).max() < 1.5
    assert np.abs(right).max() < 1.5
    assert 0.1 < np.hypot(down, right).mean() < 0.8
    inks = mass / (200 * 12 * 4)
    assert 0.75 < inks.min() < inks.max() < 1.25


def test_without_any_strength_a_copy_is_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TURN", "STRETCH", "MOVE", "BEND", "LIGHT"):
        monkeypatch.setattr(warps, name, 0.0)
    pictures, *_ = blobs(np.random.default_rng(0), (28, 28), 10, 20, 0)
    np.testing.assert_array_equal(warps.warped(pictures, np.random.default_rng(1)), pictures)


def test_colours_stay_together_and_an_even_picture_even() -> None:
    grey, *_ = blobs(np.random.default_rng(0), (32, 32), 10, 30, 0)
    colours = np.repeat(grey[..., None], 3, axis=3)
    copies = warps.warped(colours, np.random.default_rng(1))
    np.testing.assert_array_equal(copies[..., 0], copies[..., 2])
    even = warps.warped(np.full((9, 28, 28), 100, np.uint8), np.random.default_rng(1))
    assert np.ptp(even.reshape(9, -1), axis=1).max() == 0


def test_a_review_loses_a_tenth_in_one_piece_and_a_short_one_nothing() -> None:
    words = [f"w{number}" for number in range(200)]
    texts = np.empty(3, dtype=object)
    texts[:] = [" ".join(words), " ".join(words), "too short to lose a word"]
    copies = imdb.vary(texts, np.random.default_rng(0))
    assert copies[2] == texts[2]
    assert copies[0] != copies[1]
    for copy in copies[:2]:
        kept = copy.split()
        assert len(kept) == 180
        missing = [place for place, word in enumerate(words) if word not in kept]
        assert missing == list(range(missing[0], missing[0] + 20))


def session_of(**spec: Any) -> Session:
    nothing = cast(Any, None)
    return Session(make_task(dataset="digits", classes=10, **spec), nothing, ConstantSandbox(0))


def asked(session: Session) -> tuple[classification.Kind, dict[int, np.ndarray]]:
    """Return an exam, and each input that it asks by its place in the data set."""
    exam = classification.Kind(session)
    exam.read(Path())
    questions = exam.questions()[0]
    inputs = classification.in_order_of(exam._parts.asked, questions.inputs)
    return exam, dict(zip(exam.places.tolist(), inputs, strict=True))


def test_a_task_asks_originals_unless_it_says_otherwise() -> None:
    published = digits.load(Path()).hidden_inputs
    _, inputs = asked(session_of())
    assert len(inputs) > len(published) / 2
    for place, picture in inputs.items():
        np.testing.assert_array_equal(picture, published[place])


def test_changed_inputs_are_new_in_every_run_and_nothing_else_changes() -> None:
    published = digits.load(Path())
    first, inputs = asked(session_of(hidden={"changed": True}))
    _, again = asked(session_of(hidden={"changed": True}))
    for place, picture in inputs.items():
        assert (picture != published.hidden_inputs[place]).any()
    both = inputs.keys() & again.keys()
    assert both
    for place in both:
        assert (inputs[place] != again[place]).any()
    np.testing.assert_array_equal(first._dataset.hidden_labels, published.hidden_labels)
    np.testing.assert_array_equal(first._dataset.train_inputs, published.train_inputs)


def test_data_that_nobody_knows_how_to_change_is_the_tasks_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(digits, "vary")
    with pytest.raises(TaskError, match="has no `vary`"):
        asked(session_of(hidden={"changed": True}))
