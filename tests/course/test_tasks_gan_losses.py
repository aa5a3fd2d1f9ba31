"""The right answers of the task `gan-losses`: torch autograd says the same, and so do finite
differences.
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
STEP = 1e-5
FUNCTIONS = {function.name: function for function in load_functions(find_task("gan-losses"))}
LOSSES = ("discriminator_loss", "generator_loss", "saturating_loss")


def cases(function: Function, *names: str) -> Iterator[tuple[Any, ...]]:
    for group in function.groups:
        for seed in SEEDS if not names or group.name in names else ():
            yield from group.cases(np.random.default_rng(seed))


def watched(array: np.ndarray) -> Any:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def cross_entropy(logits: Any, label: float) -> Any:
    return torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.full_like(logits, label)
    )


def assert_same(answers: tuple[Any, ...], tensors: list[Any]) -> None:
    for answer, tensor in zip(answers, tensors, strict=True):
        np.testing.assert_allclose(answer, tensor.detach().numpy(), rtol=1e-9, atol=1e-12)


def test_discriminator_loss_is_what_autograd_says() -> None:
    for real, fake in cases(FUNCTIONS["discriminator_loss"]):
        r, f = watched(real), watched(fake)
        loss = cross_entropy(r, 1.0) + cross_entropy(f, 0.0)
        loss.backward()
        assert_same(FUNCTIONS["discriminator_loss"].answer(real, fake), [loss, r.grad, f.grad])


@pytest.mark.parametrize(
    ("name", "label", "sign"), [("generator_loss", 1.0, 1), ("saturating_loss", 0.0, -1)]
)
def test_the_generators_losses_are_what_autograd_says(name: str, label: float, sign: int) -> None:
    for (fake,) in cases(FUNCTIONS[name]):
        f = watched(fake)
        loss = sign * cross_entropy(f, label)
        loss.backward()
        assert_same(FUNCTIONS[name].answer(fake), [loss, f.grad])


def test_generator_gradient_is_what_autograd_says() -> None:
    for Z, G, g, W1, b1, w2, b2 in cases(FUNCTIONS["generator_gradient"]):
        weights, bias = watched(G), watched(g)
        pictures = torch.tanh(torch.tensor(Z) @ weights + bias)
        hidden = torch.relu(pictures @ torch.tensor(W1) + torch.tensor(b1))
        loss = cross_entropy(hidden @ torch.tensor(w2) + b2, 1.0)
        loss.backward()
        answer = FUNCTIONS["generator_gradient"].answer(Z, G, g, W1, b1, w2, b2)
        assert_same(answer, [loss, weights.grad, bias.grad])


def slope(
    function: Function, case: tuple[Any, ...], argument: int, index: tuple[int, ...]
) -> float:
    """Return how the loss changes with one number of one argument, by a centred difference."""
    losses = []
    for step in (STEP, -STEP):
        moved = [np.array(item, copy=True) for item in case]
        moved[argument][index] += step
        losses.append(function.answer(*moved)[0])
    return float(losses[0] - losses[1]) / (2 * STEP)


@pytest.mark.parametrize("name", [*LOSSES, "generator_gradient"])
def test_gradients_agree_with_finite_differences(name: str) -> None:
    """The gradients belong to the first arguments, or for the generator to those behind the
    noise.
    """
    function = FUNCTIONS[name]
    first = 1 if name == "generator_gradient" else 0
    for case in cases(function, "typical"):
        gradients = function.answer(*case)[1:]
        for argument, gradient in enumerate(gradients, start=first):
            for index in [(0,) * np.ndim(gradient), tuple(side - 1 for side in np.shape(gradient))]:
                assert gradient[index] == pytest.approx(
                    slope(function, case, argument, index), abs=1e-8
                )


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_a_thousand_are_finite_and_not_flat(name: str) -> None:
    for case in cases(FUNCTIONS[name], "extreme"):
        values = FUNCTIONS[name].answer(*case)
        assert all(np.isfinite(value).all() for value in values)
    assert (
        max(abs(FUNCTIONS[name].answer(*case)[0]) for case in cases(FUNCTIONS[name], "extreme"))
        > 100
    )


def test_the_saturating_loss_has_no_gradient_where_the_generator_is_bad() -> None:
    """What the lesson says about the two losses."""
    bad = np.array([-6.0])
    assert FUNCTIONS["saturating_loss"].answer(bad)[1][0] == pytest.approx(-0.0025, abs=5e-5)
    assert FUNCTIONS["generator_loss"].answer(bad)[1][0] == pytest.approx(-0.9975, abs=5e-5)
