"""A failing case is cut down to the shortest axes on which it still fails, in so many tries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exams.function_cases.shrink import Case, Enough, axis_sizes, smallest


def never(case: Case) -> bool:
    return False


@given(st.integers(2, 60), st.integers(2, 60), st.data())
def test_of_one_wrong_element_little_more_than_it_is_left(
    n: int, d: int, data: st.DataObject
) -> None:
    X = np.zeros((n, d))
    X[data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, d - 1))] = 1.0
    tries = []

    def fails(case: Case) -> bool:
        tries.append(case)
        return bool(case[0].any())

    (left,) = smallest((X,), ("n d",), fails, 60)
    assert left.shape == (1, 1)
    assert left[0, 0] == 1.0
    assert len(tries) <= 60


def test_what_fails_from_a_length_on_is_cut_to_that_length() -> None:
    rows = smallest((np.zeros((100, 3)),), ("n d",), lambda case: len(case[0]) > 10, 60)[0]
    assert rows.shape == (11, 1)


def test_axes_of_one_name_are_cut_together_and_others_left_alone() -> None:
    X = np.arange(60.0).reshape(20, 3)
    y = np.arange(20)
    W = np.zeros((3, 7))
    seen: list[Case] = []

    def fails(case: Case) -> bool:
        seen.append(case)
        return bool((case[1] == 13).any())

    left = smallest((X, y, 2.5, W), ("n .", "n", "", ". k"), fails, 60)
    assert [np.shape(each) for each in left] == [(1, 3), (1,), (), (3, 1)]
    np.testing.assert_array_equal(left[0], X[13:14])
    assert all(len(case[0]) == len(case[1]) and case[2] == 2.5 for case in seen)
    assert all(case[0].flags.c_contiguous for case in seen)


def test_an_array_of_fewer_axes_has_the_last_of_the_names() -> None:
    assert axis_sizes((np.zeros(4),), ("n k",)) == {"k": 4}
    assert axis_sizes((np.zeros((2, 4)), np.zeros(4)), ("n k", "k")) == {"n": 2, "k": 4}


@pytest.mark.parametrize(
    ("case", "axes", "says"),
    [
        (
            (np.zeros((2, 3)), np.zeros(4)),
            ("n k", "k"),
            "'k' is 3 long in one argument and 4 in another",
        ),
        ((np.zeros((2, 3, 4)),), ("n k",), "names 2 axes, and there are 3"),
        ((np.zeros(2), 1.0), ("n",), "argument 2"),
    ],
)
def test_names_that_do_not_fit_are_refused(case: Case, axes: tuple[str, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        axis_sizes(case, axes)


def test_a_case_that_fails_only_as_it_is_stays() -> None:
    X = np.arange(12.0).reshape(4, 3)
    (left,) = smallest((X,), ("n d",), never, 60)
    np.testing.assert_array_equal(left, X)


@pytest.mark.parametrize("most", [0, 1, 5])
def test_no_more_is_tried_than_allowed(most: int) -> None:
    tries: list[Any] = []
    smallest((np.zeros((1000, 1000)),), ("n d",), lambda case: tries.append(case) is not None, most)
    assert len(tries) == most


def test_who_asks_may_end_the_search_and_keeps_what_was_found() -> None:
    def fails(case: Case) -> bool:
        if len(case[0]) < 40:
            raise Enough
        return True

    assert len(smallest((np.zeros(1000),), ("n",), fails, 60)[0]) == 1000
    assert len(smallest((np.zeros(4),), ("n",), lambda case: True, 60)[0]) == 1
