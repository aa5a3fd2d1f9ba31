"""Generators of Flax: parameters and a module, or a method of it, as something that paints.

A module holds no parameters, so they are looked for beside it, in training states first. What
paints is the module itself for a generator, and for an autoencoder a method of it (`generate`,
`decode`) or the decoder that it keeps. Each is tried with noise of the widths that its own settings
and the script's names speak of, until one makes pictures.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from .jax_models import parameters_among, variables_of
from .painters import NOISE_NAMES, Paint, normal, works
from .values import as_array

METHODS = ("generate", "decode", "decoder", "sample")
PARTS = ("decoder", "generator", "dec", "gen")
WIDTHS = ("latents", "latent_dim", "z_dim", "latent", "latent_size")
MOST_TRIED = 200
WIDEST = 4096  # of noise
Apply = Callable[[np.ndarray], Any]


def painter_among(names: dict[str, Any]) -> Paint | None:
    """Return paint(n, seed) of the first module among names that paints; None if none does."""
    linen = sys.modules.get("flax.linen")
    if linen is None:
        return None
    tried = 0
    for module in modules_among(names, linen):
        for variables in variables_among(names):
            for apply in ways_of(module, variables):
                for width in widths_of(module, names):
                    tried += 1
                    paint = painting(apply, width)
                    if works(paint):
                        return paint
                    if tried >= MOST_TRIED:
                        return None
    return None


def modules_among(names: dict[str, Any], linen: Any) -> Iterator[Any]:
    """Yield modules: those with names, what functions without arguments make, fresh ones."""
    for value in names.values():
        if isinstance(value, linen.Module):
            yield value
    for value in names.values():
        is_class = inspect.isclass(value) and issubclass(value, linen.Module)
        is_maker = inspect.isfunction(value) and not inspect.signature(value).parameters
        if not is_class and not (is_maker and makes_module(value)):
            continue
        try:
            made = value()
        except Exception:  # a class that needs arguments
            continue
        if isinstance(made, linen.Module):
            yield made


def makes_module(function: Callable[..., Any]) -> bool:
    """Whether a function only makes something: it has no loop and is short."""
    code = function.__code__
    return len(code.co_code) < 120 and not code.co_varnames


def variables_among(names: dict[str, Any]) -> Iterator[Any]:
    """Yield what `apply` takes first: of training states, then of parameters with names."""
    for value in reversed(list(names.values())):
        if hasattr(value, "apply_fn") and hasattr(value, "params"):
            yield variables_of(value)
    for params, _ in parameters_among(names):
        yield params if "params" in params else {"params": params}


def ways_of(module: Any, variables: Any) -> Iterator[Apply]:
    """Yield functions of noise: methods that paint, a decoder's part of the module, itself."""
    methods = [getattr(type(module), name, None) for name in METHODS]
    for method in (*filter(callable, methods), *map(calling, PARTS)):
        yield partial(module.apply, variables, method=method)
    yield partial(module.apply, variables)


def calling(name: str) -> Callable[..., Any]:
    """Return a method that calls a part of a module by its name."""

    def method(self: Any, noise: Any) -> Any:
        return getattr(self, name)(noise)

    return method


def widths_of(module: Any, names: dict[str, Any]) -> list[int]:
    """Return how wide the noise may be, by the module's settings and by the script's names."""
    widths = [getattr(module, name, None) for name in WIDTHS]
    widths += [names.get(name) for name in (*WIDTHS, *NOISE_NAMES)]
    widths += list(vars(module).values())
    found: list[int] = []
    for width in widths:
        if type(width) is int and 0 < width <= WIDEST and width not in found:
            found.append(width)
    return found


def painting(apply: Apply, width: int) -> Paint:
    """Return paint(n, seed) of a function of noise."""
    draw = normal((width,))

    def paint(count: int, seed: int) -> np.ndarray:
        answer = apply(draw(np.random.default_rng(seed), count))
        array = as_array(answer[0] if isinstance(answer, tuple) else answer)
        if array is None:
            raise TypeError("no pictures")
        return array.astype(np.float32)

    return paint
