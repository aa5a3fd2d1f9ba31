"""PyTorch inside the box: a module as something that answers raw inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from .data import Data
from .frames import Trouble
from .problem import Problem, shorten
from .with_torch_data import images
from .with_torch_transforms import Transform

PROBES = 2
NOISE_NAMES = ("nz", "latent_dim", "z_dim", "latent_size", "noise_dim", "latent")

Arrange = Callable[[torch.Tensor], torch.Tensor]


def answerer(
    model: torch.nn.Module, data: Data, transform: Transform = images
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from raw inputs to the module's scores.

    The module answers in evaluation mode and without gradients.
    """
    model.eval()
    device = device_of(model)
    arrange = find_arrangement(model, data, transform, device)

    def answer(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            inputs = arrange(transform(batch)).to(device)
            try:
                scores = model(inputs)
            except (RuntimeError, ValueError, TypeError, IndexError) as error:
                raise unanswered(error, inputs) from None
            numbers: np.ndarray = as_numpy(scores)
            return numbers

    return answer


def device_of(model: torch.nn.Module) -> torch.device:
    """Return where a module's parameters lie; the CPU if it has none."""
    for parameter in model.parameters():
        return parameter.device
    return torch.device("cpu")


def as_numpy(answer: Any) -> Any:
    """Return a tensor as a NumPy array of floats; anything else as it is, to be refused later."""
    if isinstance(answer, torch.Tensor):
        return answer.float().cpu().numpy()
    return answer


def as_given(batch: torch.Tensor) -> torch.Tensor:
    return batch


def without_channel(batch: torch.Tensor) -> torch.Tensor:
    return batch.squeeze(1)


def flattened(batch: torch.Tensor) -> torch.Tensor:
    return batch.flatten(1)


def find_arrangement(
    model: torch.nn.Module, data: Data, transform: Transform, device: torch.device
) -> Arrange:
    """Return what brings images into the shape the model takes.

    Many training loops flatten images outside the model. Each shape is tried on two training
    examples, the plainest first; where none brings one row of scores for each, images stay.
    """
    if not isinstance(data.inputs, np.ndarray) or len(data.inputs) < PROBES:
        return as_given
    expected = (PROBES, data.num_classes)
    with torch.inference_mode():
        probe = transform(data.inputs[:PROBES])
        for arrange in (as_given, without_channel, flattened):
            try:
                scores = model(arrange(probe).to(device))
            except Exception:
                continue
            if isinstance(scores, torch.Tensor) and tuple(scores.shape) == expected:
                return arrange
    return as_given


def unanswered(error: Exception, inputs: torch.Tensor) -> Exception:
    """Return what to say of an error in the model, with the form of what it was given."""
    if isinstance(error, NotImplementedError | torch.OutOfMemoryError):
        return error
    given = f"{str(inputs.dtype).removeprefix('torch.')} of shape {tuple(inputs.shape)}"
    return Problem(
        Trouble.RAISED,
        f"the model was given {given} and raised {shorten(error)}. If it expects a different "
        "form, define predict(model, inputs) beside it, which says how raw inputs are answered.",
    )


def language_model(model: torch.nn.Module) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from int64 tokens (n, t) to the module's logits.

    Where a module returns several things, the first counts.
    """
    model.eval()
    device = device_of(model)

    def logits(tokens: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            answer = model(torch.from_numpy(tokens).to(device))
            first = answer[0] if isinstance(answer, tuple) else answer
            numbers: np.ndarray = as_numpy(first)
            return numbers

    return logits


def painter(model: torch.nn.Module, names: dict[str, Any]) -> Callable[[int, int], np.ndarray]:
    """Return paint(n, seed) of a module from normal noise to pictures, floats in its own range.

    names: the globals of the script. The width of the noise is what it calls nz, latent_dim or the
    like, else what the first layer takes.
    """
    model.eval()
    device = device_of(model)
    form = find_noise(model, names, device)

    def paint(count: int, seed: int) -> np.ndarray:
        noise = torch.randn(count, *form, generator=torch.Generator().manual_seed(seed)).to(device)
        with torch.inference_mode():
            pictures: np.ndarray = model(noise).float().cpu().numpy()
        return pictures

    return paint


def find_noise(
    model: torch.nn.Module, names: dict[str, Any], device: torch.device
) -> tuple[int, ...]:
    """Return the shape of one noise vector the module takes: (k,) or (k, 1, 1)."""
    named = [names[name] for name in NOISE_NAMES if isinstance(names.get(name), int)]
    tried = [*named, *widths_of_first_layer(model)]
    for width in tried:
        for form in ((width,), (width, 1, 1)):
            try:
                with torch.inference_mode():
                    model(torch.randn(2, *form, device=device))
            except Exception:
                continue
            return form
    raise Problem(
        Trouble.WRONG_TYPE,
        "the generator accepts no noise of shape (n, k) or (n, k, 1, 1) with k from "
        f"{tried}; define sample(model, n, seed) beside it",
    )


def widths_of_first_layer(model: torch.nn.Module) -> list[int]:
    """Return how wide the inputs of a module's first linear or convolutional layer are."""
    layers = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    for layer in model.modules():
        if isinstance(layer, layers):
            sides = (getattr(layer, name, None) for name in ("in_features", "in_channels"))
            return [side for side in sides if side is not None]
    return []
