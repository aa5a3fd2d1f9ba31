"""Datasets: the right arrays, hidden ones apart from those to train on, stand-ins that can be
learned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.small_data import SMALL_REVIEWS, small_reviews

from grader.course.curriculum import find_task
from grader.course.dataset import (
    check_file,
    comes_with,
    data_folder,
    dataset_states,
    find_corpus,
    find_dataset,
)
from grader.course.datasets import digits, imdb
from grader.course.known_names import dataset_names
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
    # the published means, red, green, blue
    np.testing.assert_allclose(means, [125.3, 123.0, 113.9], atol=1.5)


@pytest.mark.data
def test_the_real_reviews_are_whole() -> None:
    dataset = find_dataset("imdb").load(data_folder(None))
    assert len(dataset.train_inputs) == len(dataset.hidden_inputs) == 25000
    assert np.bincount(dataset.hidden_labels).tolist() == [12500, 12500]
    assert all(isinstance(text, str) and text for text in dataset.train_inputs)
    praised = np.array(["wonderful" in text for text in dataset.train_inputs])
    assert dataset.train_labels[praised].mean() > 0.7


@pytest.mark.data
def test_the_lesson_counts_words_in_the_training_reviews_as_they_are() -> None:
    lesson = (find_task("imdb").folder / "README.md").read_text("utf-8")
    rows = re.findall(
        r"^\| `(.+?)` \| ([\d,]+) \| ([\d,]+) \| ([-+.\d]+) \|$", lesson, flags=re.MULTILINE
    )
    assert len(rows) == 5
    dataset = find_dataset("imdb").load(data_folder(None))
    texts = [text.lower() for text in dataset.train_inputs]
    for words, *counts, log in rows:
        has = np.array([re.search(rf"\b{words}\b", text) is not None for text in texts])
        found = [int(np.sum(has & (dataset.train_labels == label))) for label in (0, 1)]
        assert found == [int(count.replace(",", "")) for count in counts], words
        assert f"{math.log(found[1] / found[0]):+.2f}" == log, words


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return small_reviews(tmp_path, monkeypatch)


def test_reviews_read_once_are_kept_in_one_file_a_split(reviews: Path) -> None:
    first = imdb.load(reviews)
    assert (
        first.train_labels.tolist()
        == first.hidden_labels.tolist()
        == [0] * SMALL_REVIEWS + [1] * SMALL_REVIEWS
    )
    for split in ("train", "test"):
        folder = reviews / imdb.FOLDER / split
        assert sorted(path.name for path in folder.iterdir()) == ["neg", "pos", imdb.PACKED]
        for file in folder.glob("*/*.txt"):
            file.unlink()
    again = imdb.load(reviews)
    np.testing.assert_array_equal(again.train_inputs, first.train_inputs)
    np.testing.assert_array_equal(again.hidden_inputs, first.hidden_inputs)
    np.testing.assert_array_equal(again.hidden_labels, first.hidden_labels)
    texts = imdb.stand_in(np.random.default_rng(0))
    assert set(first.hidden_inputs) <= set(texts.hidden_inputs)


@pytest.mark.parametrize(
    "broken",
    [
        lambda content: content[:-1],
        lambda content: content[:40] + b"!" + content[41:],
        lambda content: b"",
    ],
)
def test_a_packed_file_that_is_not_as_published_is_not_used(
    reviews: Path, broken: Callable[[bytes], bytes]
) -> None:
    first = imdb.load(reviews)
    packed = reviews / imdb.FOLDER / "test" / imdb.PACKED
    content = packed.read_bytes()
    packed.write_bytes(broken(content))
    np.testing.assert_array_equal(imdb.load(reviews).hidden_inputs, first.hidden_inputs)
    assert packed.read_bytes() == content


def test_reviews_that_are_not_the_published_ones_are_refused_and_not_kept(reviews: Path) -> None:
    file = next((reviews / imdb.FOLDER / "test" / "pos").iterdir())
    file.write_text("Another review.")
    with pytest.raises(DataError, match="wrong checksum"):
        imdb.load(reviews)
    assert not (reviews / imdb.FOLDER / "test" / imdb.PACKED).exists()


def test_a_folder_that_takes_no_packed_file_is_read_all_the_same(
    reviews: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert len(imdb.load(reviews).hidden_inputs) == 2 * SMALL_REVIEWS
    assert sorted(path.name for path in (reviews / imdb.FOLDER / "test").iterdir()) == [
        "neg",
        "pos",
    ]


def test_made_up_reviews_can_be_learned_by_counting_words() -> None:
    dataset = find_dataset("imdb").stand_in(np.random.default_rng(0))
    good, bad = imdb.GOOD, imdb.BAD
    answers = [
        sum(word in text for word in good) > sum(word in text for word in bad)
        for text in dataset.hidden_inputs
    ]
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


@pytest.mark.parametrize("name", [name for name in NAMES if not comes_with(name)])
def test_what_is_missing_is_said_with_the_file_and_the_way_to_get_it(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        find_dataset(name).load(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert name in str(caught.value)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("name", [name for name in NAMES if comes_with(name)])
def test_what_comes_with_a_package_needs_no_folder_and_its_state_says_so(
    name: str, tmp_path: Path
) -> None:
    find_dataset(name).load(tmp_path)
    assert dataset_states(tmp_path)[name] == "ready: comes with scikit-learn"
    assert list(tmp_path.rglob("*")) == []


def test_a_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(b"not what was published")
    with pytest.raises(DataError, match="checksum"):
        check_file(path, "0" * 64, "grader data get mnist")
    assert path.exists()
