"""Which hidden input is asked for which purpose, and the smallest change of an input."""

from __future__ import annotations

import numpy as np
import pytest
from support.paths import ROOT

from benchmarks import parts as price
from grader.course.curriculum import all_tasks, course_folder
from grader.exams.checks import parts
from grader.exams.checks.nudges import nudged


def draw() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 600, 10_000, 25_000])
@pytest.mark.parametrize("with_corrupted", [False, True])
def test_every_input_is_in_one_part_and_in_one_only(count: int, with_corrupted: bool) -> None:
    found = parts.divide(count, draw(), with_corrupted=with_corrupted)
    together = np.concatenate([found.asked, found.fresh, found.corrupted])
    assert sorted(together.tolist()) == list(range(count))
    assert len(found.asked) >= 0.44 * count
    assert (len(found.corrupted) > 0) == (with_corrupted and count > 1)


@pytest.mark.parametrize(
    ("count", "kept"), [(499, 0), (500, 50), (600, 60), (10_000, 1000), (25_000, 1000)]
)
def test_a_tenth_is_kept_and_what_is_too_small_to_be_divided_is_said(count: int, kept: int) -> None:
    found = parts.divide(count, draw(), with_corrupted=False)
    assert len(found.fresh) == kept
    assert bool(found.notes) == (kept == 0)
    for note in found.notes:
        assert "fresh_gap" in note
        assert str(count) in note


def test_each_run_divides_anew() -> None:
    source = draw()
    one, other = (parts.divide(600, source, with_corrupted=False) for _ in range(2))
    assert set(one.fresh.tolist()) != set(other.fresh.tolist())


def test_a_rehearsal_asks_all() -> None:
    found = parts.undivided(100, draw())
    assert sorted(found.asked.tolist()) == list(range(100))
    assert len(found.fresh) == len(found.corrupted) == 0


@pytest.mark.parametrize("shape", [(8, 8), (6, 6, 3)])
def test_one_value_of_a_picture_moves_by_one(shape: tuple[int, ...]) -> None:
    pictures = draw().integers(0, 256, size=(50, *shape)).astype(np.uint8)
    pictures[:, 0] = 0
    copies = nudged(pictures, draw())
    steps = np.abs(copies.astype(int) - pictures).reshape(50, -1)
    assert steps.sum(axis=1).tolist() == [1] * 50
    assert (copies[:, 0] == 0).all(), "black stays black"


def test_a_picture_of_black_and_white_alone_moves_inwards() -> None:
    pictures = np.zeros((20, 4, 4), dtype=np.uint8)
    pictures[10:] = 255
    copies = nudged(pictures, draw())
    assert copies[:10].reshape(10, -1).max(axis=1).tolist() == [1] * 10
    assert copies[10:].reshape(10, -1).min(axis=1).tolist() == [254] * 10


def test_numbers_change_by_a_hundred_thousandth() -> None:
    table = draw().normal(size=(30, 4)).astype(np.float32)
    copies = nudged(table, draw())
    assert copies.dtype == table.dtype
    assert (copies != table).any(axis=1).all()
    np.testing.assert_allclose(copies, table, rtol=2e-5)


def test_a_text_gets_a_blank_and_keeps_its_words() -> None:
    texts = np.array(["a fine film", "bad", ""], dtype=object)
    copies = nudged(texts, draw())
    assert [text.split() for text in copies] == [["a", "fine", "film"], ["bad"], []]
    assert [len(text) for text in copies] == [len(text) + 1 for text in texts]


def test_the_documentation_has_the_price_of_each_task() -> None:
    page = (ROOT / "docs" / "measure" / "measuring.md").read_text("utf-8")
    assert price.table() in page, "python -m benchmarks.parts prints it; put it there"
    asked = {
        task.id
        for task in all_tasks()
        if task.spec.exam == "classification" and task.folder.parent == course_folder("tasks")
    }
    hunts = {task for task in asked if task.startswith("hunt-")}  # as digits
    assert set(price.HIDDEN) == asked - hunts
