"""A data set's own pictures are looked at once, and again when they or the code change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.course.dataset import Dataset
from grader.course.datasets import mnist
from grader.exams.checks import known_pictures as known


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path))
    return tmp_path / known.CACHE


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    whole = mnist.stand_in(np.random.default_rng(0))
    return replace(
        whole, train_inputs=whole.train_inputs[:300], hidden_inputs=whole.hidden_inputs[:100]
    )


def assert_same(one: known.KnownPictures, other: known.KnownPictures) -> None:
    np.testing.assert_array_equal(one.hidden.features, other.hidden.features)
    np.testing.assert_array_equal(one.training.features, other.training.features)
    np.testing.assert_array_equal(one.hidden_radii, other.hidden_radii)
    assert one[3:] == other[3:]


def test_what_was_seen_is_remembered_and_not_looked_at_again(
    dataset: Dataset, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = known.known_pictures(dataset)
    assert len(list(own_cache.glob("*.npz"))) == 1
    monkeypatch.setattr(known, "looked_at", lambda dataset: pytest.fail("looked at again"))
    assert_same(first, known.known_pictures(dataset))


def test_other_pictures_are_not_taken_for_the_ones_remembered(dataset: Dataset) -> None:
    hidden = dataset.hidden_inputs.copy()
    hidden[0, 0, 0] ^= 1
    changed = replace(dataset, hidden_inputs=hidden)
    assert known.name_of(changed) != known.name_of(dataset)


def test_a_broken_memory_is_worked_out_anew(dataset: Dataset, own_cache: Path) -> None:
    first = known.known_pictures(dataset)
    [kept] = own_cache.glob("*.npz")
    for broken in (b"", b"not an archive", kept.read_bytes()[:5000]):
        kept.write_bytes(broken)
        assert_same(first, known.known_pictures(dataset))


def test_only_so_many_are_kept(own_cache: Path) -> None:
    for number in range(known.MOST_KEPT + 3):
        known.keep(own_cache / f"{number}.npz", {"usual": np.zeros(3)})
    assert len(list(own_cache.glob("*.npz"))) == known.MOST_KEPT


def test_training_pictures_are_copies_and_hidden_ones_are_not(dataset: Dataset) -> None:
    found = known.known_pictures(dataset)
    copies = found.training.drawn(60, np.random.default_rng(1))
    assert found.copied_share(copies).value == 1
    assert found.moved_copies_share(copies).value > 0.9
    hidden = found.hidden.drawn(60, np.random.default_rng(1))
    assert found.copied_share(hidden).value < 0.1
    assert found.moved_copies_share(hidden).value < 0.1
