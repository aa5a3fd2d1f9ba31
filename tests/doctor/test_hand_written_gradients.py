"""Hand-written gradients: the ratio of received to expected values names the mistake."""

from __future__ import annotations

import numpy as np
import pytest

from grader.doctor.entries import catalogue
from grader.doctor.evidence import Failed
from grader.doctor.examine import examine_function


def gradients(
    draw: np.random.Generator, rows: int, change: str = ""
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return right and received (dW1, db1, dW2, db2) of a network with one hidden layer and mean
    squared error.
    """
    X = draw.normal(size=(rows, 3))
    T = draw.normal(size=(rows, 2))
    W1 = draw.normal(size=(3, 4))
    W2 = draw.normal(size=(4, 2))

    def backprop(change: str) -> list[np.ndarray]:
        Z = X @ W1
        H = np.maximum(Z, 0)
        dY = 2 * (H @ W2 - T) / rows
        dZ = dY @ W2.T * (1 if change == "derivative" else (Z > 0))
        share = 1 / rows if change == "bias" else 1
        results = [X.T @ dZ, share * dZ.sum(axis=0), H.T @ dY, share * dY.sum(axis=0)]
        factor = {"times": rows, "over": 1 / rows, "sign": -1, "twice": 2, "half": 0.5}.get(
            change, 1
        )
        results = [factor * each for each in results]
        if change == "turned":
            results[0] = results[0].T
        if change == "zero":
            results[0] = np.zeros_like(results[0])
        return results

    return backprop(""), backprop(change)


def failing(change: str, rows: tuple[int, ...] = (5, 7, 3)) -> list[Failed]:
    draw = np.random.default_rng(3)
    pairs = [(*gradients(draw, count, change), count) for count in rows]
    return [Failed(("dW1", "db1", "dW2", "db2"), right, got, count) for right, got, count in pairs]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        *(
            ("times", "gradient_times_rows"),
            ("over", "gradient_over_rows"),
            ("sign", "gradient_sign"),
        ),
        *(("twice", "gradient_twice"), ("half", "gradient_half"), ("bias", "bias_mean")),
        *(
            ("derivative", "missing_derivative"),
            ("turned", "turned_array"),
            ("zero", "zero_gradient"),
        ),
    ],
)
def test_a_ratio_names_the_mistake_if_two_cases_agree(change: str, code: str) -> None:
    found = examine_function(failing(change))
    assert [each.code for each in found] == [code]
    assert examine_function(failing(change)[:1]) == []
    assert {entry.code for entry in catalogue().values() if entry.exams[0] == "functions"} >= {code}


@pytest.mark.parametrize("rows", [(5, 7, 3), (2, 4), (1, 1)])
def test_right_gradients_have_no_name(rows: tuple[int, ...]) -> None:
    assert examine_function(failing("", rows)) == []
    assert examine_function([]) == []


def test_twice_and_the_number_of_rows_are_told_apart() -> None:
    assert [each.code for each in examine_function(failing("times", (2, 5)))] == [
        "gradient_times_rows"
    ]
    assert [each.code for each in examine_function(failing("twice", (2, 5)))][:1] != [
        "gradient_times_rows"
    ]
    assert [each.code for each in examine_function(failing("twice", (2, 3, 2, 5)))] == [
        "gradient_twice"
    ]


@pytest.mark.parametrize("kind", ["noise", "nan", "shape", "int", "texts"])
def test_values_of_any_kind_have_no_name(kind: str) -> None:
    draw = np.random.default_rng(0)
    cases = []
    for count in (4, 6):
        want = [draw.normal(size=(count, 3)), draw.normal(size=3)]
        got = {
            "noise": [draw.normal(size=(count, 3)), draw.normal(size=3)],
            "nan": [np.full((count, 3), np.nan), np.full(3, np.inf)],
            "shape": [np.zeros(0), np.zeros((2, 2, 2))],
            "int": [np.ones((count, 3), np.int64), np.ones(3, np.int64)],
            "texts": [np.array(["a", "b"]), np.array(["c"])],
        }[kind]
        cases.append(Failed(("dX", "db"), want, got, count))
    assert examine_function(cases) == []
