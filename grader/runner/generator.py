"""A generator in the box: training pictures in, and then `sample(n, seed)` answered in uint8.

A submission's `train(data)` returns a function sample(n, seed), an object with such a method, or a
torch or Keras model from noise to pictures; `sample(model, n, seed)` may be defined beside it.
Pictures travel as uint8 only, so that no range or rounding is left to guess; for a model the range
of its last layer decides.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import given_data
from .data import Data
from .entry import Loaded, Ways, train_or_load
from .frames import Kind, Trouble
from .networks import is_keras, is_torch
from .problem import Problem
from .script import run_script
from .values import as_array, as_form, describe

MODEL_NAMES = ("generator", "netG", "G", "gen", "net_g", "model")
RANGE_PROBES = 16  # pictures
SIGNED = 0.05  # a picture that goes this far below 0 comes from tanh
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

Sampler = Callable[[int, int], Any]


def ways(loaded: Loaded, ask: dict[str, Any], values: list[Any]) -> Ways:
    """Train on values (pictures, labels); the model then answers SAMPLE with uint8 (n, h, w)."""
    data = Data(
        inputs=values[0],
        labels=values[1],
        num_classes=ask["num_classes"],
        seed=ask["seed"],
        device=ask["device"],
    )
    given_data.give(data.inputs, data.labels, ask["dataset"])
    if loaded.script:
        loaded.module, model = run_script(loaded.folder, loaded.file, MODEL_NAMES)
    else:
        model = train_or_load(loaded, data)
    sample = sampler(loaded, model, data)
    side = data.inputs.shape[1:]

    def answer(body: np.ndarray) -> np.ndarray:
        count = int(body[0])
        seed = int(body[1])
        return as_pictures(sample(count, seed), count, side)

    return {Kind.SAMPLE: answer}


def sampler(loaded: Loaded, model: Any, data: Data) -> Sampler:
    """Return sample(n, seed), whatever kind of generator this is."""
    own = loaded.function("sample")
    if own is not None:
        if required_arguments(own) == 2:
            return own
        return lambda n, seed: own(model, n, seed)
    method = getattr(model, "sample", None)
    if callable(method) and required_arguments(method) == 2:
        found: Sampler = method
        return found
    side = data.inputs.shape[1:]
    if is_keras(model):
        from . import with_keras

        return in_greys(with_keras.painter(model), side)
    if is_torch(model):
        from . import with_torch

        return in_greys(with_torch.painter(model, loaded.module.__dict__), side)
    if callable(model) and not inspect.isclass(model):
        function: Sampler = model
        return function
    raise Problem(
        Trouble.WRONG_TYPE,
        f"train(data) returned {describe(model)}; expected a function sample(n, seed) that returns "
        "n uint8 pictures, an object with such a method, or a torch.nn.Module or keras.Model from "
        "noise to pictures",
    )


def in_greys(paint: Callable[[int, int], np.ndarray], side: tuple[int, ...]) -> Sampler:
    """Return sample(n, seed) in uint8 of what paints floats in [-1, 1] or [0, 1].

    Flat pictures get their sides.
    """
    is_signed = bool(paint(RANGE_PROBES, 0).min() < -SIGNED)

    def sample(count: int, seed: int) -> np.ndarray:
        pictures = paint(count, seed)
        if not np.isfinite(pictures).all():
            raise Problem(
                Trouble.WRONG_TYPE,
                "the generator's pictures contain NaN or infinity; expected finite numbers",
            )
        if is_signed:
            pictures = (pictures + 1) / 2
        greys = (pictures * 255).round().clip(0, 255).astype(np.uint8)
        if greys.size == count * int(np.prod(side)):
            return greys.reshape(count, *side)
        return greys

    return sample


def required_arguments(function: Callable[..., Any]) -> int:
    """Return how many arguments a function must be given; 2 where that is not known."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2
    positional = [each for each in parameters if each.kind in POSITIONAL]
    return sum(each.default is each.empty for each in positional)


def as_pictures(answer: Any, count: int, side: tuple[int, ...]) -> np.ndarray:
    """Return uint8 pictures of shape (count, *side); a single channel may stand anywhere."""
    what = f"{count} pictures: uint8 of shape {(count, *side)}, from 0 (black) to 255"
    array = as_array(answer)
    if array is None:
        raise Problem(
            Trouble.WRONG_TYPE, f"sample(n, seed) returned {describe(answer)}; expected {what}"
        )
    sides = tuple(each for each in array.shape[1:] if each != 1)
    if sides == side and array.size == count * int(np.prod(side)):
        array = array.reshape(count, *side)
    return as_form(array, (count, *side), np.uint8, what)
