"""The right answers of the task `tables` are those of pandas and NumPy, told what the lesson asks
for.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from grader.course.curriculum import find_task
from grader.exams.function_cases.cases import Function, load_functions

SEEDS = range(20)
TASK = find_task("tables")
FUNCTIONS = {function.name: function for function in load_functions(TASK)}


def cases(function: Function) -> Iterator[tuple[Any, ...]]:
    for group in function.groups:
        for seed in SEEDS:
            yield from group.cases(np.random.default_rng(seed))


def frame(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


def test_numbers_are_those_of_pandas() -> None:
    missing = 0
    for text, column in cases(FUNCTIONS["read_numbers"]):
        numbers = frame(text)[column]
        missing += int(numbers.isna().sum())
        right = numbers.fillna(numbers.median()).to_numpy()
        np.testing.assert_allclose(
            FUNCTIONS["read_numbers"].answer(text, column), right, rtol=1e-12
        )
    assert missing > 100


def test_categories_are_those_of_pandas() -> None:
    for text, column in cases(FUNCTIONS["read_categories"]):
        right = pd.get_dummies(frame(text)[column], dtype=float)
        names, one_hot = FUNCTIONS["read_categories"].answer(text, column)
        assert names == list(right.columns)
        np.testing.assert_array_equal(one_hot, right.to_numpy())


def test_standardized_columns_have_mean_0_and_spread_1() -> None:
    for train, test in cases(FUNCTIONS["standardize"]):
        scaled, scaled_test = FUNCTIONS["standardize"].answer(train, test)
        flat = np.ptp(train, axis=0) == 0
        np.testing.assert_allclose(scaled.mean(axis=0), 0.0, atol=1e-9)
        np.testing.assert_allclose(scaled.std(axis=0)[~flat], 1.0)
        assert not scaled[:, flat].any()
        scale = np.where(flat, 1.0, pd.DataFrame(train).std(ddof=0))
        right = (test - pd.DataFrame(train).mean().to_numpy()) / scale
        np.testing.assert_allclose(scaled_test, right, rtol=1e-7, atol=1e-9)


def test_batches_of_one_epoch_hold_every_example_once_with_its_class() -> None:
    for X, y, order, size, _ in cases(FUNCTIONS["batch"]):
        count = -(-len(y) // size)
        parts = [FUNCTIONS["batch"].answer(X, y, order, size, number) for number in range(count)]
        assert [len(labels) for _, labels in parts[:-1]] == [size] * (count - 1)
        rows, labels = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        np.testing.assert_array_equal(rows[np.argsort(order)], X)
        np.testing.assert_array_equal(labels[np.argsort(order)], y)


def test_every_asked_batch_has_examples() -> None:
    for X, y, order, size, number in cases(FUNCTIONS["batch"]):
        assert len(FUNCTIONS["batch"].answer(X, y, order, size, number)[1]) > 0


def test_the_picture_counts_every_value_where_the_lesson_says() -> None:
    for values, bins, width in cases(FUNCTIONS["picture"]):
        counts, lines = FUNCTIONS["picture"].answer(values, bins, width)
        share = (values - values.min()) / (values.max() - values.min()) * bins
        right = np.bincount(
            np.minimum(np.floor(share + 1e-12), bins - 1).astype(int), minlength=bins
        )
        np.testing.assert_array_equal(counts, right)
        assert counts.sum() == len(values)
        assert max(map(len, lines)) == width
        for count, line in zip(counts, lines, strict=True):
            assert set(line) <= {"#"}
            assert len(line) <= count * width / counts.max() < len(line) + 1


@pytest.fixture(params=[folder.name for folder in TASK.references])
def reference(request: pytest.FixtureRequest) -> ModuleType:
    path = TASK.reference_folder / request.param / "solution.py"
    spec = importlib.util.spec_from_file_location(f"tables_{request.param}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_library_makes_no_difference(reference: ModuleType) -> None:
    for function in FUNCTIONS.values():
        for case in cases(function):
            right, found = function.answer(*case), getattr(reference, function.name)(*case)
            for one, other in zip(
                *(item if isinstance(item, tuple) else (item,) for item in (right, found)),
                strict=True,
            ):
                if isinstance(one, list):
                    assert one == other
                else:
                    np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-9)
