"""Hints on one function: its groups tell of one mistake where one explains them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.course.curriculum import find_task
from grader.exams.function_cases.cases import Function, as_tuple, draw_cases, load_functions
from grader.exams.function_cases.tally import Tally, with_one_voice
from grader.records import CaseGroup
from grader.sandbox.box import Value


def hints_on(task_id: str, name: str, wrong: Callable[..., Any]) -> list[str]:
    """Return the hints on the groups that a wrong function fails."""
    functions = load_functions(find_task(task_id))
    function = next(each for each in functions if each.name == name)
    draw = np.random.default_rng(7)
    tallies, groups = [], []
    for group in function.groups:
        tally = Tally(function, group, draw_cases(function, group, draw), {})
        ask_all(tally, function, wrong)
        tallies.append(tally)
        groups.append(result_of(tally))
    return [each.hint for each in with_one_voice(groups, tallies) if each.status == "fail"]


def ask_all(tally: Tally, function: Function, wrong: Callable[..., Any]) -> None:
    for number, case in enumerate(tally.cases, start=1):
        with np.errstate(all="ignore"):
            expected = as_tuple(function.answer(*case), function)
            answers = as_tuple(wrong(*case), function)
        tally.add(
            number, expected, [Value(np.asarray(each), np.ndim(each) == 0) for each in answers]
        )


def result_of(tally: Tally) -> CaseGroup:
    if tally.worst is None:
        return tally.result("pass", passed=tally.passed)
    return tally.result("fail", "", passed=tally.passed, hint=tally.hint)


def padded_once(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size + padding - kernel) // stride + 1


def one_window_short(X: np.ndarray, size: int, stride: int) -> np.ndarray:
    rows, columns = ((side - size) // stride for side in X.shape[2:])
    pooled = np.zeros((*X.shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = X[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            pooled[:, :, i, j] = window.max(axis=(2, 3))
    return pooled


def log_of_a_share(logits: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(shares[rows, y]).mean()
    shares[rows, y] -= 1
    return float(loss), shares / len(y)


@pytest.mark.parametrize(
    ("task_id", "name", "wrong", "word"),
    [
        ("convolution", "output_size", padded_once, "padding was counted on one side"),
        ("convolution", "max_pool", one_window_short, "1 is missing"),
        ("backprop", "loss_gradient", log_of_a_share, "log gets a 0"),
    ],
)
def test_the_groups_of_a_function_agree_on_one_mistake(
    task_id: str, name: str, wrong: Callable[..., Any], word: str
) -> None:
    hints = hints_on(task_id, name, wrong)
    assert hints
    assert all(word in hint for hint in hints)
