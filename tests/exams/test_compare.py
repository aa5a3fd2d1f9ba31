"""Received against expected: the first difference is named, and the two never print alike."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.exams.function_cases.answer_picture import side_by_side
from grader.exams.function_cases.compare import Mismatch, compare, constant_change, described
from grader.exams.function_cases.wording import apart, show
from grader.sandbox.box import Value


def judge(
    want: Any, got: Any, arguments: tuple[Any, ...] = (), **tolerance: tuple[float, float]
) -> Mismatch | None:
    return compare([want], [Value.of(got)], arguments, ["result"], tolerance)


def what(want: Any, got: Any, **options: Any) -> str:
    problem = judge(want, got, **options)
    return "" if problem is None else problem.what


X = np.array([1.0, 2.0, 3.0])
SMALL = arrays.array_shapes(min_dims=1, max_dims=3, max_side=5)
ANY_SMALL = st.sampled_from([np.float64, np.float32, np.int64, np.bool_]).flatmap(
    lambda dtype: arrays.arrays(dtype, SMALL)
)


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
    assert "every value is 2 times the expected one" in problem.notes
    other = judge(X, X + 1)
    assert other is not None
    assert "times the expected one" not in described(other)


@given(st.floats(0.01, 100).filter(lambda factor: abs(factor - 1) > 0.01), st.integers(2, 30))
def test_any_constant_ratio_is_told(factor: float, size: int) -> None:
    right = np.linspace(1, 2, size)
    problem = judge(right, factor * right)
    assert problem is not None
    assert f"every value is {factor:.6g} times the expected one" in problem.notes


def told(want: Any, got: Any, **options: Any) -> str:
    problem = judge(want, got, **options)
    assert problem is not None
    return described(problem)


def with_wrong(shape: tuple[int, ...], **places: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return zeros, and the same with something at the places given as `at_3_4`."""
    right = np.zeros(shape)
    got = right.copy()
    for place, value in places.items():
        got[tuple(int(each) for each in place.split("_")[1:])] = value
    return right, got


def test_the_first_wrong_element_of_a_large_array_is_shown_and_the_worst_three() -> None:
    text = told(
        *with_wrong((20, 30), at_3_4=0.5, at_7_8=9.0, at_8_8=-2.0, at_9_9=np.nan, at_19_29=0.1)
    )
    assert text.startswith("  expected  0 at index (9, 9)")  # finite comes before value
    text = told(
        *with_wrong((20, 30), at_3_4=0.5, at_7_8=9.0, at_8_8=-2.0, at_9_9=1.0, at_19_29=0.1)
    )
    assert text == (
        "  expected  0 at index (3, 4) of shape (20, 30)\n"
        "  received  0.5 there, the first wrong value\n"
        "  5 of 600 values are wrong\n"
        "  worst at (7, 8): expected 0, received 9\n"
        "  worst at (8, 8): expected 0, received -2\n"
        "  worst at (9, 9): expected 0, received 1"
    )


def test_of_a_few_wrong_elements_every_one_is_shown_once() -> None:
    text = told(*with_wrong((1000,), at_31=0.5, at_999=9.0))
    assert text.count("index 31") == 1
    assert "  then at 999: expected 0, received 9" in text
    assert "worst" not in text
    assert "the first" not in told(*with_wrong((1000,), at_31=0.5))


def test_a_small_array_is_shown_whole_and_its_wrong_element_named() -> None:
    text = told(*with_wrong((3, 4), at_1_2=7.0))
    assert "[0., 0., 7., 0.]" in text
    assert "  1 of 12 values is wrong\n  wrong at (1, 2): expected 0, received 7" in text
    assert (
        max(len(line) for line in told(np.zeros((2, 12)), np.full((2, 12), np.pi)).splitlines())
        <= 72
    )


def test_a_difference_far_behind_the_point_is_shown_at_its_place() -> None:
    right = np.linspace(1, 2, 40)
    got = right.copy()
    got[7] += 3e-7
    text = told(right, got)
    first, second = (line.split()[1] for line in text.splitlines()[:2])
    assert first != second
    assert float(second) > float(first)


def test_numbers_that_are_right_in_a_wrong_shape_are_told_so() -> None:
    A = np.arange(6.0).reshape(2, 3)
    assert "transposed, it would be the expected array" in told(A, A.T)
    assert "only the shape is wrong" in told(A, A.reshape(3, 2))
    assert "its numbers" not in told(A, A.T + 1)
    assert "a single number" in told(1.5, np.array([1.5]))


@given(ANY_SMALL, ANY_SMALL)
def test_what_is_told_of_any_two_arrays_fits_into_a_terminal(
    one: np.ndarray, other: np.ndarray
) -> None:
    problem = judge(one, other)
    assume(problem is not None)
    assert problem is not None
    assert len(described(problem).splitlines()) <= 100
    picture = side_by_side("f", "g", "", one, other, problem.wrong)
    if picture is not None:
        again = type(picture).model_validate_json(picture.model_dump_json())
        assert again == picture
        assert all(0 <= row < len(picture.yours) for row, _ in picture.wrong)


def test_a_picture_is_made_of_small_arrays_alone() -> None:
    A = np.array([[1.0, np.nan], [np.inf, -np.inf]])
    picture = side_by_side("f", "g", "dW", A, A.astype(np.float32), A > 0)
    assert picture is not None
    assert picture.yours == [[1.0, "nan"], ["inf", "-inf"]]
    assert picture.wrong == [(0, 0), (1, 0)]
    row = side_by_side("f", "g", "", np.arange(3), np.array([True, False, True]), None)
    assert row is not None
    assert (row.target, row.yours, row.target_shape) == ([[0.0, 1.0, 2.0]], [[1.0, 0.0, 1.0]], [3])
    sheet = side_by_side(
        "f", "g", "", np.zeros((1, 1, 2, 3)), np.ones((1, 2, 3)), np.ones((1, 1, 2, 3)) > 0
    )
    assert sheet is not None
    assert (sheet.yours, sheet.yours_shape, sheet.target_shape) == (
        [[1.0] * 3] * 2,
        [1, 2, 3],
        [1, 1, 2, 3],
    )
    assert sheet.wrong[-1] == (1, 2)
    for odd in (
        np.zeros((2, 13)),
        np.zeros((2, 2, 2)),
        np.zeros((0, 3)),
        np.float64(1),
        ["a", "b"],
        "text",
    ):
        assert side_by_side("f", "g", "", A, odd, None) is None
        assert side_by_side("f", "g", "", odd, A, None) is None


def test_a_change_that_all_cases_share_is_told() -> None:
    def cases(change: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(np.asarray(right), np.asarray(change(right))) for right in (2.0, -3.5, 0.25)]

    assert constant_change(cases(lambda x: -x)).endswith(
        "the received value is -1 times the expected one"
    )
    assert "in all 3 failing cases" in constant_change(cases(lambda x: 4 * x))
    assert "3e-07 more than" in constant_change(cases(lambda x: x + 3e-7))
    assert "0.5 less than" in constant_change(cases(lambda x: x - 0.5))
    assert constant_change(cases(lambda x: x * x)) == ""
    assert constant_change(cases(lambda x: np.nan)) == ""
    assert constant_change(cases(lambda x: -x)[:1]) == ""
    assert constant_change([(np.array([1, 2]), np.array([2, 4]))] * 2) == ""


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


@given(ANY_SMALL, ANY_SMALL)
def test_arrays_that_differ_never_print_alike(one: np.ndarray, other: np.ndarray) -> None:
    problem = judge(one, other)
    assume(problem is not None)
    assert problem is not None
    assert problem.expected != problem.received


@given(st.data(), SMALL)
def test_arrays_that_differ_in_one_place_never_print_alike(
    data: st.DataObject, shape: tuple[int, ...]
) -> None:
    one = data.draw(arrays.arrays(np.float64, shape, elements=st.floats(-1e6, 1e6)))
    other = one.copy()
    other.flat[data.draw(st.integers(0, one.size - 1))] += data.draw(
        st.sampled_from([1e-3, 1e-6, 1.0, 1e9])
    )
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
