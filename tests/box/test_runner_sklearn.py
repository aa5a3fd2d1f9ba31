"""What scikit-learn's loaders give in a box: the training part of the task's data, nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from support.paths import ROOT

from grader.course.datasets import diabetes, digits
from grader.course.pictures import blobs
from grader.runner import forms, given_data, sklearn_loaders, table_forms
from grader.runner.given_data import NotThisTask


@pytest.fixture(autouse=True)
def nothing_given_afterwards() -> Iterator[None]:
    yield
    given_data.GIVEN.clear()


def test_digits_are_the_training_part_and_not_the_hidden_one() -> None:
    dataset = digits.load(Path())
    given_data.give(dataset.train_inputs, dataset.train_labels, "digits")
    bunch = sklearn_loaders.load_digits()
    assert bunch.data.shape == (1197, 64)
    assert bunch.images.max() == 16
    np.testing.assert_array_equal(bunch.target, dataset.train_labels)
    raw = np.round(bunch.images * (255 / 16)).astype(np.uint8)
    np.testing.assert_array_equal(raw, dataset.train_inputs)
    data, target = sklearn_loaders.load_digits(n_class=3, return_X_y=True)
    assert set(target) == {0, 1, 2}
    assert len(data) == len(target)


def test_a_network_fed_with_these_digits_is_asked_with_pictures_in_the_same_form() -> None:
    dataset = digits.load(Path())
    given_data.give(dataset.train_inputs, dataset.train_labels, "digits")
    rows = (sklearn_loaders.load_digits().data[:100] / 16).astype(np.float32)
    form = forms.infer(rows, dataset.train_inputs)
    assert form is not None
    wanted = dataset.hidden_inputs.reshape(-1, 64) / 255
    assert np.abs(form(dataset.hidden_inputs) - wanted).max() < 0.005


def test_patients_are_the_training_part_in_raw_and_in_scaled_columns() -> None:
    dataset = diabetes.load(Path())
    given_data.give(dataset.train_inputs, dataset.train_labels, "diabetes")
    raw, targets = sklearn_loaders.load_diabetes(return_X_y=True, scaled=False)
    np.testing.assert_allclose(raw, dataset.train_inputs)
    np.testing.assert_allclose(targets, dataset.train_labels)
    scaled = sklearn_loaders.load_diabetes().data
    np.testing.assert_allclose((scaled**2).sum(axis=0), 1)
    form = table_forms.infer(scaled[:64].astype(np.float32), dataset.train_inputs)
    assert form is not None
    np.testing.assert_allclose(form(dataset.train_inputs), scaled, atol=1e-4)


def test_openml_gives_pictures_as_rows_and_labels_as_texts() -> None:
    inputs, labels, *_ = blobs(np.random.default_rng(0), (32, 32, 3), 10, 120, 0)
    given_data.give(inputs, labels, "cifar10")
    data, target = sklearn_loaders.fetch_openml("CIFAR_10", return_X_y=True, as_frame=False)
    assert data.shape == (120, 3072)
    assert set(target) == {str(label) for label in range(10)}
    first = data[0].reshape(3, 32, 32).transpose(1, 2, 0)
    assert any((first == picture).all() for picture in inputs)


def test_another_tasks_data_is_refused_by_name() -> None:
    given_data.give(np.zeros((4, 28, 28), np.uint8), np.arange(4), "mnist")
    with pytest.raises(NotThisTask, match=r"asks for load_digits\(\); this task provides mnist"):
        sklearn_loaders.load_digits()
    with pytest.raises(NotThisTask, match=r'fetch_openml\("titanic"\); this task provides mnist'):
        sklearn_loaders.fetch_openml("titanic")
    assert len(sklearn_loaders.fetch_openml("mnist_784", as_frame=False).data) == 4


def test_tables_are_those_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    given_data.give(np.zeros((20, 8, 8), np.uint8), np.arange(20) % 10, "digits")
    bunch = sklearn_loaders.load_digits(as_frame=True)
    assert isinstance(bunch.data, pandas.DataFrame)
    assert bunch.frame.columns[-1] == "target"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({}, (75, 25)),
        ({"test_size": 0.2}, (80, 20)),
        ({"train_size": 30}, (30, 70)),
        ({"test_size": 10, "train_size": 20}, (20, 10)),
    ],
)
def test_the_stand_in_splits_as_it_is_told(
    sizes: dict[str, float], expected: tuple[int, int]
) -> None:
    rows = np.arange(100)
    trained, tested = sklearn_loaders.train_test_split(rows, random_state=1, **sizes)
    assert (len(trained), len(tested)) == expected
    assert not set(trained) & set(tested)
    kept = sklearn_loaders.train_test_split(rows, rows.tolist(), shuffle=False)
    assert [len(part) for part in kept] == [75, 25, 75, 25]


def test_the_stand_in_spreads_the_classes() -> None:
    labels = np.repeat([0, 1], [90, 10])
    _, _, trained, tested = sklearn_loaders.train_test_split(
        np.arange(100), labels, test_size=0.2, stratify=labels, random_state=0
    )
    assert trained.sum() == 8
    assert tested.sum() == 2


PROGRAM = """
import sys
{before}
sys.path.insert(0, {root!r})
from grader.runner import given_data, loaders
import numpy as np
loaders.install(0)
given_data.give(np.zeros((30, 8, 8), np.uint8), np.arange(30) % 10, "digits")
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
import sklearn.datasets
assert sklearn.datasets.load_digits is load_digits
x, y = load_digits(return_X_y=True)
print(len(x), len(train_test_split(x, y, test_size=0.5)[0]))
"""
HIDES_SKLEARN = """
import importlib.machinery
paths = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = classmethod(
    lambda cls, name, *rest: None if name.startswith('sklearn') else paths(name, *rest)
)
"""


@pytest.mark.parametrize("before", ["", HIDES_SKLEARN], ids=["installed", "not installed"])
def test_scripts_get_them_whether_or_not_scikit_learn_is_there(before: str) -> None:
    if not before:
        pytest.importorskip("sklearn")
    program = PROGRAM.format(root=str(ROOT), before=before)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["30", "15"], done.stderr


def test_the_stand_in_says_what_it_lacks() -> None:
    module = ModuleType("sklearn.datasets")
    sklearn_loaders.fill_datasets(module)
    with pytest.raises(ImportError, match=r"no scikit-learn; in its place.* load_digits"):
        module.load_iris  # noqa: B018
