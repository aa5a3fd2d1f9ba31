"""The right answers of the task `convolution` are those of independent implementations: torch and
SciPy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.course.curriculum import find_task
from grader.exams.function_cases.cases import Function, load_functions

torch = pytest.importorskip("torch")
signal = pytest.importorskip("scipy.signal")

SEEDS = range(10)
FUNCTIONS = {function.name: function for function in load_functions(find_task("convolution"))}


def cases(function: Function) -> Iterator[tuple[Any, ...]]:
    for group in function.groups:
        for seed in SEEDS if group.name != "large" else SEEDS[:1]:
            yield from group.cases(np.random.default_rng(seed))


def test_output_size_is_the_number_of_windows_that_fit() -> None:
    drawn = list(cases(FUNCTIONS["output_size"]))
    for size, kernel, stride, padding in drawn:
        starts = [
            start
            for start in range(-padding, size + padding, stride)
            if start + kernel <= size + padding
        ]
        assert FUNCTIONS["output_size"].answer(size, kernel, stride, padding) == len(starts)
    left_over = {(size + 2 * padding - kernel) % stride for size, kernel, stride, padding in drawn}
    assert {0, 1, 2} <= left_over


def test_convolve_is_what_scipy_calls_correlation() -> None:
    for picture, kernel in cases(FUNCTIONS["convolve"]):
        answer = FUNCTIONS["convolve"].answer(picture, kernel)
        np.testing.assert_allclose(
            answer, signal.correlate2d(picture, kernel, mode="valid"), rtol=1e-9, atol=1e-12
        )


def test_conv2d_is_that_of_torch() -> None:
    for X, W, b, stride, padding in cases(FUNCTIONS["conv2d"]):
        right = torch.nn.functional.conv2d(
            *map(torch.tensor, (X, W, b)), stride=stride, padding=padding
        )
        answer = FUNCTIONS["conv2d"].answer(X, W, b, stride, padding)
        np.testing.assert_allclose(answer, right.numpy(), rtol=1e-9, atol=1e-12)


def test_max_pool_is_that_of_torch() -> None:
    for X, size, stride in cases(FUNCTIONS["max_pool"]):
        right = torch.nn.functional.max_pool2d(torch.tensor(X), size, stride)
        np.testing.assert_array_equal(FUNCTIONS["max_pool"].answer(X, size, stride), right.numpy())


def test_the_pictures_are_not_square_and_the_axes_differ() -> None:
    """A solution that mixes up two axes must not pass by luck."""
    shapes = [(X.shape, W.shape) for X, W, *_ in cases(FUNCTIONS["conv2d"]) if len(X) < 32]
    assert all(pictures[2] != pictures[3] for pictures, _ in shapes)
    assert any(filters[2] != filters[3] for _, filters in shapes)
