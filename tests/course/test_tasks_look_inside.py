"""The right answers of the task `look-inside`: autograd and finite differences agree, and shares
add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.course.curriculum import find_task
from grader.exams.function_cases.cases import Function, load_functions

torch = pytest.importorskip("torch")

SEEDS = range(10)
STEP = 1e-6
FUNCTIONS = {function.name: function for function in load_functions(find_task("look-inside"))}


def cases(function: Function, *names: str) -> Iterator[tuple[Any, ...]]:
    for group in function.groups:
        for seed in SEEDS if not names or group.name in names else ():
            yield from group.cases(np.random.default_rng(seed))


def scores(X: Any, *weights: np.ndarray) -> Any:
    """Return the class scores as a tensor; X may be watched by autograd."""
    W1, b1, W2, b2 = map(torch.tensor, weights)
    return torch.relu(X @ W1 + b1) @ W2 + b2


def test_input_gradient_is_what_autograd_says() -> None:
    for X, y, *weights in cases(FUNCTIONS["input_gradient"]):
        x = torch.tensor(X, requires_grad=True)
        scores(x, *weights)[torch.arange(len(y)), torch.tensor(y)].sum().backward()
        answer = FUNCTIONS["input_gradient"].answer(X, y, *weights)
        np.testing.assert_allclose(answer, x.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_input_gradient_agrees_with_finite_differences() -> None:
    compared = 0
    for X, y, *weights in cases(FUNCTIONS["input_gradient"], "typical"):
        gradient = FUNCTIONS["input_gradient"].answer(X, y, *weights)
        if np.abs(X @ weights[0] + weights[1]).min() < 1e-3:
            continue  # so close to a corner of the ReLU that a step might cross it
        for index in [(0, 0), tuple(side - 1 for side in X.shape)]:
            moved = np.stack([X, X])
            moved[(0, *index)] += STEP
            moved[(1, *index)] -= STEP
            above, below = (
                float(scores(torch.tensor(item), *weights)[index[0], y[index[0]]]) for item in moved
            )
            assert gradient[index] == pytest.approx((above - below) / (2 * STEP), abs=1e-6)
            compared += 1
    assert compared > 40


def test_integrated_gradients_add_up_to_the_change_of_the_score() -> None:
    """The method's own promise; exact for infinitely many steps."""
    function = FUNCTIONS["integrated_gradients"]
    for x, baseline, y, _, *weights in cases(function, "typical"):
        shares = function.answer(x, baseline, y, 20_000, *weights)
        end, start = (
            float(scores(torch.tensor(item)[None], *weights)[0, y]) for item in (x, baseline)
        )
        assert shares.sum() == pytest.approx(end - start, abs=1e-2)


def test_integrated_gradients_are_means_of_what_autograd_says() -> None:
    function = FUNCTIONS["integrated_gradients"]
    for x, baseline, y, steps, *weights in cases(function):
        points = np.array([baseline + (i + 0.5) / steps * (x - baseline) for i in range(steps)])
        watched = torch.tensor(points, requires_grad=True)
        scores(watched, *weights)[:, y].mean().backward()
        right = watched.grad.sum(dim=0).numpy() * (x - baseline)
        np.testing.assert_allclose(
            function.answer(x, baseline, y, steps, *weights), right, rtol=1e-8, atol=1e-10
        )


def test_occlusion_is_the_drop_of_the_score() -> None:
    for picture, y, size, fill, *weights in cases(FUNCTIONS["occlusion"]):
        answer = FUNCTIONS["occlusion"].answer(picture, y, size, fill, *weights)
        h, w = picture.shape
        assert answer.shape == (h // size, w // size)
        for row in range(0, h, size):
            for column in range(0, w, size):
                inside = np.zeros((h, w), dtype=bool)
                inside[row : row + size, column : column + size] = True
                pair = np.stack([picture, np.where(inside, fill, picture)]).reshape(2, -1)
                before, after = scores(torch.tensor(pair), *weights)[:, y].tolist()
                assert answer[row // size, column // size] == pytest.approx(
                    before - after, abs=1e-12
                )


def test_a_saliency_map_keeps_the_order_of_the_pixels_and_ends_at_1() -> None:
    for (gradients,) in cases(FUNCTIONS["saliency_map"]):
        found = FUNCTIONS["saliency_map"].answer(gradients)
        for picture, shown in zip(np.abs(gradients).max(axis=1), found, strict=True):
            assert shown.max() == (1.0 if picture.any() else 0.0)
            assert shown.min() >= 0.0
            np.testing.assert_array_equal(
                np.argsort(picture, axis=None), np.argsort(shown, axis=None)
            )
