"""Datasets: the right arrays, hidden ones apart from those to train on, stand-ins that can be learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.datasets import digits
from grader.datasets.dataset import check_file, data_folder, dataset_names, find_dataset
from grader.errors import DataError

NAMES = dataset_names()


def test_the_datasets_are_found_by_name() -> None:
    assert {"digits", "mnist", "fashion-mnist"} <= set(NAMES)
    with pytest.raises(DataError, match="digits"):
        find_dataset("dreams")


def test_the_digits_are_split_for_ever_in_the_same_way() -> None:
    one, other = digits.load(Path()), digits.load(Path())
    np.testing.assert_array_equal(one.hidden_inputs, other.hidden_inputs)
    assert one.train_inputs.shape == (1197, 8, 8)
    assert one.hidden_inputs.shape == (600, 8, 8)
    assert one.train_inputs.dtype == one.hidden_inputs.dtype == np.uint8
    assert one.train_labels.dtype == np.int64
    assert np.bincount(one.hidden_labels).tolist() == [60] * 10
    assert one.train_inputs.max() == 255


def test_every_digit_is_on_exactly_one_side() -> None:
    from sklearn.datasets import load_digits

    dataset = digits.load(Path())
    whole = np.sort(load_digits().images.reshape(-1, 64).sum(axis=1))
    stretched = np.concatenate([dataset.train_inputs, dataset.hidden_inputs]).reshape(-1, 64)
    back = np.sort(np.round(stretched / (255 / 16)).sum(axis=1))
    np.testing.assert_array_equal(whole, back)


@pytest.mark.parametrize("name", NAMES)
def test_a_stand_in_has_the_form_of_its_dataset_and_can_be_learned(name: str) -> None:
    dataset = find_dataset(name).stand_in(np.random.default_rng(0))
    if not isinstance(dataset.train_inputs, np.ndarray) or dataset.train_inputs.dtype != np.uint8:
        pytest.skip("not a dataset of images")
    known = dataset.train_inputs.reshape(len(dataset.train_inputs), -1).astype(np.float64)
    means = np.stack([known[dataset.train_labels == label].mean(axis=0) for label in range(dataset.num_classes)])
    rows = dataset.hidden_inputs.reshape(len(dataset.hidden_inputs), -1).astype(np.float64)
    answers = ((rows[:, None] - means[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert np.mean(answers == dataset.hidden_labels) > 0.9
    assert set(dataset.hidden_labels.tolist()) <= set(range(dataset.num_classes))


@pytest.mark.parametrize("name", ["digits", "mnist", "fashion-mnist"])
def test_perturbed_copies_keep_their_form_and_change_a_little(name: str) -> None:
    module = find_dataset(name)
    inputs = module.stand_in(np.random.default_rng(0)).hidden_inputs
    before = inputs.copy()
    copies = module.perturb(inputs, np.random.default_rng(1))
    assert (copies.dtype, copies.shape) == (inputs.dtype, inputs.shape)
    np.testing.assert_array_equal(inputs, before)
    assert not any(np.array_equal(one, other) for one, other in zip(inputs, copies, strict=True))


@pytest.mark.data
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_real_images_are_whole(name: str) -> None:
    dataset = find_dataset(name).load(data_folder(None))
    assert dataset.train_inputs.shape == (60000, 28, 28)
    assert dataset.hidden_inputs.shape == (10000, 28, 28)
    assert np.bincount(dataset.hidden_labels, minlength=10).min() > 800


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_what_is_missing_is_said_with_the_file_and_the_way_to_get_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        find_dataset(name).load(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert name in str(caught.value)
    assert list(tmp_path.rglob("*")) == []


def test_a_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(b"not what was published")
    with pytest.raises(DataError, match="checksum"):
        check_file(path, "0" * 64, "grader data get mnist")
    assert path.exists()
