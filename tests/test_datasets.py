"""Datasets: the right arrays, hidden ones apart from those to train on, stand-ins that can be learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.datasets import digits, imdb
from grader.datasets.dataset import check_file, data_folder, dataset_names, find_corpus, find_dataset
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


@pytest.mark.parametrize("name", ["digits", "mnist", "fashion-mnist", "cifar10", "imdb"])
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


@pytest.mark.data
def test_the_real_photographs_are_whole() -> None:
    dataset = find_dataset("cifar10").load(data_folder(None))
    assert dataset.train_inputs.shape == (50000, 32, 32, 3)
    assert np.bincount(dataset.hidden_labels).tolist() == [1000] * 10
    assert np.bincount(dataset.train_labels).tolist() == [5000] * 10
    means = dataset.train_inputs[::10].mean(axis=(0, 1, 2))
    np.testing.assert_allclose(means, [125.3, 123.0, 113.9], atol=1.5)  # the published means, red, green, blue


@pytest.mark.data
def test_the_real_reviews_are_whole() -> None:
    dataset = find_dataset("imdb").load(data_folder(None))
    assert len(dataset.train_inputs) == len(dataset.hidden_inputs) == 25000
    assert np.bincount(dataset.hidden_labels).tolist() == [12500, 12500]
    assert all(isinstance(text, str) and text for text in dataset.train_inputs)
    praised = np.array(["wonderful" in text for text in dataset.train_inputs])
    assert dataset.train_labels[praised].mean() > 0.7


def test_made_up_reviews_can_be_learned_by_counting_words() -> None:
    dataset = find_dataset("imdb").stand_in(np.random.default_rng(0))
    good, bad = imdb.GOOD, imdb.BAD
    answers = [sum(word in text for word in good) > sum(word in text for word in bad) for text in dataset.hidden_inputs]
    assert np.mean(np.array(answers) == dataset.hidden_labels) > 0.95


@pytest.mark.data
def test_the_real_plays_are_whole() -> None:
    corpus = find_corpus("tiny-shakespeare").load(data_folder(None))
    assert (len(corpus.train), len(corpus.hidden), len(corpus.vocabulary)) == (1003854, 111540, 65)
    assert corpus.train.startswith("First Citizen:")


def test_a_corpus_goes_to_tokens_and_back() -> None:
    corpus = find_corpus("tiny-shakespeare").stand_in(np.random.default_rng(0))
    tokens = corpus.encode(corpus.hidden)
    assert tokens.min() >= 0
    assert tokens.max() < len(corpus.vocabulary)
    assert corpus.decode(tokens) == corpus.hidden
    assert list(corpus.vocabulary) == sorted(set(corpus.train + corpus.hidden))


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"digits"}))
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
