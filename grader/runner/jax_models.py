"""Models of JAX's libraries among a script's names: Flax, Equinox, Haiku, and training states.

None of them holds its parameters as PyTorch and Keras do, so each becomes parameters and a function
that applies them. Nothing is imported here: what the script has not imported, it can't have used.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from .networks import Parameters

PARAMETERS = ("params", "avg_params", "ema_params", "variables")
STATES = ("avg_params", "ema_params", "params")  # of a state, what is asked first


def models_among(names: dict[str, Any]) -> Iterator[Any]:
    """Yield pairs of parameters and functions, the surest first."""
    if "jax" not in sys.modules:
        return
    values = list(names.values())
    for value in reversed(values):
        if is_nnx(value):
            yield Parameters(evaluating(value), [called])
    for value in reversed(values):
        if is_equinox(value):
            yield Parameters(value, [called])
    for value in reversed(values):
        if hasattr(value, "apply_fn") and hasattr(value, "params"):
            yield Parameters(variables_of(value), [linen(value.apply_fn)])
    for params, state in parameters_among(names):
        for module in linen_modules(values):
            yield Parameters(as_variables(params, state), [linen(module.apply)])
        for apply in transformed(values):
            yield Parameters(params, haiku(apply, state))


def is_nnx(value: Any) -> bool:
    nnx = sys.modules.get("flax.nnx")
    return nnx is not None and isinstance(value, nnx.Module) and callable(value)


def is_equinox(value: Any) -> bool:
    equinox = sys.modules.get("equinox")
    return equinox is not None and isinstance(value, equinox.Module) and callable(value)


def evaluating(model: Any) -> Any:
    """Return a module of Flax in evaluation mode."""
    if hasattr(model, "eval"):
        model.eval()
    return model


def called(model: Any, batch: Any) -> Any:
    return model(batch)


def variables_of(state: Any) -> dict[str, Any]:
    """Return what `apply_fn` of a training state takes."""
    variables = {"params": state.params}
    if getattr(state, "batch_stats", None):
        variables["batch_stats"] = state.batch_stats
    return variables


def as_variables(params: Any, state: Any) -> Any:
    """Return parameters as `apply` of a module takes them."""
    if isinstance(params, dict) and "params" in params:
        return params
    variables = {"params": params}
    if state:
        variables["batch_stats"] = state
    return variables


def linen(apply: Any) -> Any:
    """Return a function of Flax's `apply` that says so where it is asked to evaluate."""

    def ask(variables: Any, batch: Any) -> Any:
        for options in ({}, {"train": False}, {"training": False}, {"deterministic": True}):
            try:
                return apply(variables, batch, **options)
            except TypeError:
                continue
        return apply(variables, batch)

    return ask


def haiku(apply: Any, state: Any) -> list[Any]:
    """Return the ways in which Haiku's `apply` may be called."""
    return [
        lambda params, batch: apply(params, batch),
        lambda params, batch: apply(params, None, batch),
        lambda params, batch: apply(params, state, None, batch)[0],
        lambda params, batch: apply(params, state, batch)[0],
    ]


def parameters_among(names: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield parameters, with the state beside them, among names and in states of a script's own."""
    for name in PARAMETERS:
        if names.get(name) is not None:
            yield names[name], names.get("batch_stats") or names.get("state")
    for value in reversed(list(names.values())):
        for name in STATES:
            if not inspect.isclass(value) and getattr(value, name, None) is not None:
                yield getattr(value, name), getattr(value, "state", None)


def linen_modules(values: list[Any]) -> Iterator[Any]:
    """Yield modules of Flax's older kind, and fresh ones of classes that need no arguments."""
    linen_of_flax = sys.modules.get("flax.linen")
    if linen_of_flax is None:
        return
    for value in values:
        if isinstance(value, linen_of_flax.Module):
            yield value
    for value in values:
        if inspect.isclass(value) and issubclass(value, linen_of_flax.Module):
            try:
                yield value()
            except TypeError:
                continue


def transformed(values: list[Any]) -> Iterator[Any]:
    """Yield `apply` of functions that Haiku has transformed."""
    if "haiku" not in sys.modules:
        return
    for value in values:
        if isinstance(value, tuple) and hasattr(value, "init") and hasattr(value, "apply"):
            yield value.apply
