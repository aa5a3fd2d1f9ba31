"""What the runner notes of a training with JAX: losses, gradients and steps, compiled or not."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from grader.runner.trace_account import Account
from grader.runner.trace_jax import watch_jax
from grader.runner.training_trace import Training, begin

jax = pytest.importorskip("jax")
BATCH = np.linspace(0, 1, 32, dtype=np.float32).reshape(8, 4)


@pytest.fixture
def watched() -> Any:
    """Return JAX as a submission sees it; that of the tests stays as it is."""
    names = ("grad", "value_and_grad", "jit", "core", "tree_util", "Array")
    seen = types.SimpleNamespace(**{name: getattr(jax, name) for name in names})
    watch_jax(seen)
    return seen


@pytest.fixture
def account() -> Account:
    return begin(Training()).account


def loss(weights: Any, inputs: Any) -> Any:
    return ((inputs @ weights - 1) ** 2).mean()


def test_a_compiled_step_that_keeps_its_loss_to_itself_shows_it(
    watched: Any, account: Account
) -> None:
    @watched.jit
    def step(weights: Any, inputs: Any) -> Any:
        return weights - 0.1 * watched.grad(loss)(weights, inputs)

    weights = jax.numpy.zeros(4)
    expected = []
    for _ in range(5):
        expected.append(float(loss(weights, BATCH)))
        weights = step(weights, BATCH)
        assert weights.shape == (4,)
    assert account.gradients.values() == pytest.approx(expected)
    assert account._counts(None)[:2] == [5, 5]


def test_an_update_that_is_thrown_away_is_no_step(watched: Any, account: Account) -> None:
    gradient = watched.jit(watched.grad(loss))
    weights = jax.numpy.zeros(4)
    for _ in range(5):
        gradient(weights, BATCH)
    assert account._counts(None)[:2] == [0, 5]


def test_arrays_that_may_change_in_place_say_nothing_of_steps(
    watched: Any, account: Account
) -> None:
    weights = np.zeros(4, np.float32)
    for _ in range(5):
        weights -= 0.1 * np.asarray(watched.grad(loss)(weights, BATCH))
    steps, backwards = account._counts(None)[:2]
    assert np.isnan(steps)
    assert backwards == 5


def test_a_loss_beside_which_more_comes_is_found(watched: Any, account: Account) -> None:
    def both(weights: Any) -> Any:
        return loss(weights, BATCH), {"kept": weights}

    (value, more), slopes = watched.value_and_grad(both, has_aux=True)(jax.numpy.zeros(4))
    assert (more["kept"].shape, slopes.shape) == ((4,), (4,))
    slopes, more = watched.grad(both, has_aux=True)(jax.numpy.zeros(4))
    assert (more["kept"].shape, slopes.shape) == ((4,), (4,))
    assert account.gradients.values() == pytest.approx([float(value)] * 2)


def test_what_belongs_to_an_inner_loop_is_left_there(watched: Any, account: Account) -> None:
    @watched.jit
    def epoch(weights: Any, batches: Any) -> Any:
        def step(weights: Any, inputs: Any) -> Any:
            value, slopes = watched.value_and_grad(loss)(weights, inputs)
            return weights - 0.1 * slopes, value

        return jax.lax.scan(step, weights, batches)

    _, losses = epoch(jax.numpy.zeros(4), BATCH[:, None])
    assert losses.shape == (8,)
    each = jax.vmap(watched.grad(lambda z: (z**2).sum()))(jax.numpy.ones((3, 2)))
    assert each.tolist() == [[2, 2]] * 3
    assert account.backwards == 0


def test_what_jax_refuses_is_refused_in_its_words(watched: Any, account: Account) -> None:
    with pytest.raises(TypeError, match="scalar-output"):
        watched.jit(watched.grad(lambda weights: weights))(jax.numpy.ones(2))
    with pytest.raises(AttributeError, match="nothing"):
        watched.jit(lambda weights: weights.nothing)(jax.numpy.ones(2))


def test_a_compiled_method_has_its_object_and_what_jax_gives_it(watched: Any) -> None:
    class Half:
        @watched.jit
        def of(self: Any, value: Any) -> Any:
            return value / 2

    jax.tree_util.register_pytree_node(Half, lambda each: ((), None), lambda _, __: Half())
    assert float(Half().of(3.0)) == 1.5
    assert watched.jit(loss).__name__ == "loss"
    assert hasattr(watched.jit(loss), "lower")
