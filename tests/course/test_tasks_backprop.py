"""The right answers of the task `backprop` are those of an independent implementation: torch
autograd.
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
FUNCTIONS = {function.name: function for function in load_functions(find_task("backprop"))}


def cases(function: Function) -> Iterator[tuple[Any, ...]]:
    for group in function.groups:
        for seed in SEEDS if group.name != "large" else SEEDS[:1]:
            yield from group.cases(np.random.default_rng(seed))


def watched(array: np.ndarray) -> Any:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def assert_same(answers: tuple[Any, ...], tensors: list[Any]) -> None:
    for answer, tensor in zip(answers, tensors, strict=True):
        np.testing.assert_allclose(answer, tensor.detach().numpy(), rtol=1e-9, atol=1e-12)


def test_loss_gradient_is_what_autograd_says() -> None:
    for logits, y in cases(FUNCTIONS["loss_gradient"]):
        z = watched(logits)
        loss = torch.nn.functional.cross_entropy(z, torch.tensor(y))
        loss.backward()
        assert_same(FUNCTIONS["loss_gradient"].answer(logits, y), [loss, z.grad])


def test_layer_gradient_is_what_autograd_says() -> None:
    for X, W, dZ in cases(FUNCTIONS["layer_gradient"]):
        x, w, b = watched(X), watched(W), watched(np.zeros(W.shape[1]))
        (x @ w + b).backward(torch.tensor(dZ))
        assert_same(FUNCTIONS["layer_gradient"].answer(X, W, dZ), [x.grad, w.grad, b.grad])


def test_backprop_is_what_autograd_says() -> None:
    for X, y, *parameters in cases(FUNCTIONS["backprop"]):
        w1, b1, w2, b2 = tensors = [watched(item) for item in parameters]
        logits = torch.relu(torch.tensor(X) @ w1 + b1) @ w2 + b2
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y))
        loss.backward()
        assert_same(
            FUNCTIONS["backprop"].answer(X, y, *parameters),
            [loss, *(tensor.grad for tensor in tensors)],
        )


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_listed_mistake_differs_from_autograd_somewhere(name: str) -> None:
    function = FUNCTIONS[name]
    drawn = [case for case in cases(function) if max(np.size(item) for item in case) < 10_000]
    for mistake, wrong in function.mistakes.items():
        with np.errstate(all="ignore"):
            answers = [(function.answer(*case), wrong(*case)) for case in drawn]
        same = [
            all(
                np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-7, atol=1e-9)
                for a, b in zip(*pair, strict=True)
            )
            for pair in answers
        ]
        assert not all(same), mistake
