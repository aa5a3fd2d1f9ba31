"""Received against expected: the first difference is named, and the two never print alike."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.exams.compare import Mismatch, apart, compare, show
from grader.sandbox.box import Value


def judge(want: Any, got: Any, arguments: tuple[Any, ...] = (), **tolerance: tuple[float, float]) -> Mismatch | None:
    return compare([want], [Value.of(got)], arguments, ["result"], tolerance)


def what(want: Any, got: Any, **options: Any) -> str:
    problem = judge(want, got, **options)
    return "" if problem is None else problem.what


X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (X, X),
        (X, X.astype(np.float32)),
        (X, X + 1e-9),
        (1.5, np.float64(1.5)),
        (0.0, 0),
        (3, 3),
        (3, np.int8(3)),
        (3, 3.0),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (True, True),
        (np.array([True, False]), np.array([True, False])),
        ("cat", "cat"),
        (["a", "b"], ["a", "b"]),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
    ],
    ids=str,
)
def test_what_agrees_is_no_mismatch(want: Any, got: Any) -> None:
    assert judge(want, got) is None


@pytest.mark.parametrize(
    ("want", "got", "expected"),
    [
        (X, "text", "wrong type"),
        ("text", X, "wrong type"),
        (["a", "b"], X, "wrong type"),
        ("cat", "dog", "wrong text"),
        (["a", "b"], ["a"], "wrong text"),
        (X, X.reshape(3, 1), "wrong shape"),
        (X, X[:2], "wrong shape"),
        (1.5, np.array([1.5]), "wrong shape"),
        (X, X.astype(int), "wrong dtype"),
        (X, np.array([True, True, True]), "wrong dtype"),
        (np.array([1, 2]), np.array([1.5, 2.0]), "wrong dtype"),
        (True, 1.0, "wrong dtype"),
        (X, np.array([1.0, np.nan, 9.0]), "not finite"),
        (X, np.array([1.0, np.inf, 3.0]), "not finite"),
        (X, X + 0.1, "wrong value"),
        (3, 4, "wrong value"),
        (np.array([np.inf, 1.0]), np.array([-np.inf, 1.0]), "wrong value"),
        (np.array([-np.inf, 1.0]), np.array([5.0, 1.0]), "wrong value"),
        (np.array([np.nan, 1.0]), np.array([0.0, 1.0]), "wrong value"),
    ],
    ids=str,
)
def test_the_first_difference_is_the_one_that_is_named(want: Any, got: Any, expected: str) -> None:
    assert what(want, got) == expected


def test_the_order_is_type_shape_dtype_finite_value() -> None:
    wrong_in_all = np.array([[np.nan]], dtype=np.float32)
    assert what("text", wrong_in_all) == "wrong type"
    assert what(np.array([1, 2]), wrong_in_all) == "wrong shape"
    assert what(np.array([[1]]), wrong_in_all) == "wrong dtype"
    assert what(np.array([[1.0]]), wrong_in_all) == "not finite"
    assert what(np.array([[1.0]]), np.array([[2.0]])) == "wrong value"


def test_a_whole_python_number_passes_for_a_float_but_an_array_of_them_does_not() -> None:
    assert judge(2.0, 2) is None
    assert what(np.array([2.0]), np.array([2])) == "wrong dtype"


def test_the_coarsest_dtype_among_the_arguments_sets_the_tolerance() -> None:
    off = X * (1 + 5e-5)
    assert what(X, off) == "wrong value"
    assert judge(X, off, (X.astype(np.float32),)) is None
    assert what(X, X * 1.01, arguments=(X.astype(np.float32), X)) == "wrong value"
    assert judge(X, X * 1.01, (X, X.astype(np.float16))) is None
    assert judge(X, X * 1.01, (), float64=(0.02, 0.0)) is None


def test_an_answer_in_a_coarser_dtype_is_not_judged_more_gently() -> None:
    assert what(X, (X * (1 + 5e-5)).astype(np.float32)) == "wrong value"
    assert what(X, (X * 1.01).astype(np.float16), arguments=(X,)) == "wrong value"


def test_of_several_values_the_wrong_one_is_named() -> None:
    problem = compare([X, X], [Value(X), Value(X + 1)], (), ["loss", "gradient"], {})
    assert problem is not None
    assert problem.what == "gradient: wrong value"


def test_a_constant_ratio_is_told() -> None:
    problem = judge(X, 2 * X)
    assert problem is not None
    assert "every value is 2 times the expected one" in problem.received
    other = judge(X, X + 1)
    assert other is not None
    assert "times the expected one" not in other.received


@given(st.floats(0.01, 100).filter(lambda factor: abs(factor - 1) > 0.01), st.integers(2, 30))
def test_any_constant_ratio_is_told(factor: float, size: int) -> None:
    right = np.linspace(1, 2, size)
    problem = judge(right, factor * right)
    assert problem is not None
    assert f"every value is {factor:.6g} times" in problem.received


def test_the_worst_element_of_a_large_array_is_shown_with_its_place() -> None:
    right = np.zeros((20, 30))
    got = right.copy()
    got[3, 4], got[7, 8] = 0.5, 9.0
    problem = judge(right, got)
    assert problem is not None
    assert "index (7, 8)" in problem.expected
    assert "9" in problem.received
    assert "2 of 600" in problem.received


def test_a_batch_of_pictures_prints_in_a_few_lines() -> None:
    text = show(np.arange(32 * 16 * 48 * 48, dtype=np.float64).reshape(32, 16, 48, 48))
    assert text.startswith("[[[[")
    assert "1.179647e+06" in text
    assert len(text.splitlines()) <= 16
    assert "\n\n" not in text
    assert "..." not in show(np.arange(24.0).reshape(2, 3, 4))


def test_a_difference_in_the_last_digit_is_shown_with_enough_digits() -> None:
    assert apart(np.float64(0.1), np.float64(0.1 + 1e-8)) == ("0.1", "0.10000001")


NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@given(NUMBERS, NUMBERS)
def test_numbers_that_differ_never_print_alike(one: float, other: float) -> None:
    problem = judge(one, other)
    assume(problem is not None)
    assert problem is not None
    assert problem.expected != problem.received


SMALL = arrays.array_shapes(min_dims=1, max_dims=3, max_side=5)
ANY_SMALL = st.sampled_from([np.float64, np.float32, np.int64, np.bool_]).flatmap(
    lambda dtype: arrays.arrays(dtype, SMALL)
)


@given(ANY_SMALL, ANY_SMALL)
def test_arrays_that_differ_never_print_alike(one: np.ndarray, other: np.ndarray) -> None:
    problem = judge(one, other)
    assume(problem is not None)
    assert problem is not None
    assert problem.expected != problem.received


@given(st.data(), SMALL)
def test_arrays_that_differ_in_one_place_never_print_alike(data: st.DataObject, shape: tuple[int, ...]) -> None:
    one = data.draw(arrays.arrays(np.float64, shape, elements=st.floats(-1e6, 1e6)))
    other = one.copy()
    other.flat[data.draw(st.integers(0, one.size - 1))] += data.draw(st.sampled_from([1e-3, 1e-6, 1.0, 1e9]))
    problem = judge(one, other)
    assume(problem is not None)
    assert problem is not None
    assert problem.expected != problem.received


@given(st.text(max_size=300), st.text(max_size=300))
def test_texts_that_differ_never_print_alike(one: str, other: str) -> None:
    problem = judge(one, other)
    assert (problem is None) == (one == other)
    assert problem is None or problem.expected != problem.received


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ("a" * 300 + "b", "a" * 300 + "c"),
        (["a"] * 200 + ["b"], ["a"] * 200 + ["c"]),
        (["a"], "a"),
        (np.float64(1.0), np.float32(1.5)),
        (np.array(0.0), np.array(-1e-8)),
    ],
    ids=["long texts", "many texts", "a list of one text", "dtypes", "tiny"],
)
def test_hard_pairs_never_print_alike(want: Any, got: Any) -> None:
    problem = judge(want, got)
    assert problem is None or problem.expected != problem.received


@given(ANY_SMALL, ANY_SMALL)
def test_no_answer_makes_the_comparison_raise(one: np.ndarray, other: np.ndarray) -> None:
    for pair in ((one, other), (one.astype(float), other), (one, "text"), (one, ["a", "b"])):
        judge(*pair)
