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

from . import given_data, jax_painters, painters
from .data import Data
from .entry import Loaded, Ways, train_or_load
from .finding import find_models
from .frames import Kind, Trouble
from .networks import is_keras, is_torch
from .problem import Problem
from .script import run_script
from .signatures import names_of, parameters_of
from .values import as_array, as_form, describe

MODEL_NAMES = ("generator", "netG", "G", "gen", "net_g", "g_model", "decoder", "vae", "model")
RANGE_PROBES = 16  # pictures
BEYOND = 1.5  # numbers beyond it come from no tanh: they are logits
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
    given = given_data.give(data.inputs, data.labels, ask["dataset"], ask.get("pass_rows", 0))
    if loaded.script:
        sample = sampler_of_script(loaded, data, given)
    else:
        sample = sampler(loaded, train_or_load(loaded, data), data)
    side = data.inputs.shape[1:]

    def answer(body: np.ndarray) -> np.ndarray:
        count = int(body[0])
        seed = int(body[1])
        return as_pictures(sample(count, seed), count, side)

    return {Kind.SAMPLE: answer}


def sampler_of_script(loaded: Loaded, data: Data, given: given_data.Given) -> Sampler:
    """Run a script, and return sample(n, seed) of the first thing it leaves that can paint."""
    ran = run_script(loaded.folder, loaded.file)
    loaded.module.__dict__.update(ran.names)
    found = find_models(ran, MODEL_NAMES)
    side = data.inputs.shape[1:]
    own = ran.names.get("sample")
    if callable(own) and names_of(own) in (["n", "seed"], ["model", "n", "seed"]):
        ran.training.account.close(found.candidates[0].model)
        return sampler(loaded, found.candidates[0].model, data)
    for candidate in found.candidates:
        model = candidate.model
        paint = painters.painter_of(model, ran.names, ran.training.arguments_of(model))
        if paint is not None:
            ran.training.account.close(model)
            return in_greys(paint, side, normalised(given))
    of_flax = jax_painters.painter_among(ran.names)
    ran.training.account.close(found.candidates[0].model)
    if of_flax is not None:
        return in_greys(of_flax, side)
    return sampler(loaded, found.candidates[0].model, data)


def normalised(given: given_data.Given) -> tuple[float, float] | None:
    """Return the mean and spread of the Normalize that a script gave its loaders, or None."""
    for transform in given.transforms.values():
        for step in getattr(transform, "transforms", [transform]):
            if type(step).__name__ == "Normalize":
                return float(np.mean(step.mean)), float(np.mean(step.std))
    return None


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
    if is_keras(model) or is_torch(model):
        paint = painters.painter_of(model, loaded.module.__dict__, [])
        if paint is None:
            raise painters.no_painter()
        return in_greys(paint, data.inputs.shape[1:])
    if callable(model) and not inspect.isclass(model):
        function: Sampler = model
        return function
    raise Problem(
        Trouble.WRONG_TYPE,
        f"train(data) returned {describe(model)}; expected a function sample(n, seed) that returns "
        "n uint8 pictures, an object with such a method, or a torch.nn.Module or keras.Model from "
        "noise to pictures",
    )


def in_greys(
    paint: painters.Paint, side: tuple[int, ...], scaled: tuple[float, float] | None = None
) -> Sampler:
    """Return sample(n, seed) in uint8 of what paints floats in whatever range it was taught.

    scaled: mean and spread of the script's Normalize, which is taken back where the pictures go
    below 0. Without one the range decides: [-1, 1], [0, 1], or logits of shares.
    """
    probe = paint(RANGE_PROBES, 0)
    lowest = float(probe.min())
    highest = float(probe.max())
    is_signed = lowest < -SIGNED
    are_logits = scaled is None and (lowest < -BEYOND or highest > BEYOND)
    middle, spread = scaled or (0.5, 0.5)

    def sample(count: int, seed: int) -> np.ndarray:
        pictures = paint(count, seed)
        if not np.isfinite(pictures).all():
            raise Problem(
                Trouble.WRONG_TYPE,
                "the generator's pictures contain NaN or infinity; expected finite numbers",
            )
        if are_logits:
            pictures = 1 / (1 + np.exp(-pictures.clip(-50, 50)))
        elif is_signed:
            pictures = pictures * spread + middle
        pictures = painters.as_squares(pictures, side[0])
        return (pictures * 255).round().clip(0, 255).astype(np.uint8)

    return sample


def required_arguments(function: Callable[..., Any]) -> int:
    """Return how many arguments a function must be given; 2 where that is not known."""
    parameters = parameters_of(function)
    if parameters is None:
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
