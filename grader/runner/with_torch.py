"""PyTorch inside the box: a module as something that answers raw inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import forms, table_forms
from .data import Data
from .frames import Trouble
from .problem import Problem, shorten
from .signatures import names_of
from .with_torch_data import images
from .with_torch_transforms import Transform

PROBES = 2
SAMPLE = 128  # inputs that a transform is tried on
MEAN_APART = 0.35  # spreads by which the means of two sets of rows may differ: augmenting does it
SPREAD_APART = 1.4  # times
TINY = 1e-12

Arrange = Callable[[torch.Tensor], torch.Tensor]
Ask = Callable[[torch.Tensor], Any]
ANSWERING = ("predict_proba", "predict")  # methods of networks that have no forward of their own


def answerer(
    model: torch.nn.Module, data: Data, transform: Transform | None = None, rows: Any = None
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from raw inputs to the module's scores.

    The module answers in evaluation mode and without gradients. transform: the script's own, if
    it gave one to a loader. rows: some of what the module was given in training, if that was seen.
    """
    evaluate(model)
    ask = way_of(model)
    device = device_of(model)
    transform = transform_that_fits(transform, data, rows)
    arrange = find_arrangement(model, ask, data, transform, device)
    dtype = dtype_of(model)

    def answer(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            inputs = arrange(transform(batch)).to(device)
            if inputs.is_floating_point() and inputs.dtype is not dtype:
                inputs = inputs.to(dtype)
            try:
                scores = ask(inputs)
            except (RuntimeError, ValueError, TypeError, IndexError) as error:
                raise unanswered(error, inputs) from None
            numbers: np.ndarray = as_numpy(scores)
            return numbers

    return answer


def evaluate(model: torch.nn.Module) -> None:
    """Put a module into evaluation mode.

    `eval()` calls `train(False)`. Where a network's own `train` is what trains it, that would train
    once more or fail, and each part is told by its flag instead.
    """
    parts = list(model.modules())
    if all(names_of(part.train)[:1] in ([], ["mode"]) for part in parts):
        model.eval()
        return
    for part in parts:
        part.training = False


def way_of(model: torch.nn.Module) -> Ask:
    """Return how a module is asked: by a call, or by its predict where it has no forward."""
    if type(model).forward is not torch.nn.Module.forward:
        return model
    ways = [getattr(model, name, None) for name in ANSWERING]
    return next((way for way in ways if callable(way)), model)


def of_texts(
    model: torch.nn.Module, form: Callable[[list[str]], np.ndarray]
) -> Callable[[list[str]], Any]:
    """Return a function from texts to the module's scores.

    form: makes whole numbers of texts, as the module was given them in training.
    """
    evaluate(model)
    device = device_of(model)

    def answer(batch: list[str]) -> Any:
        with torch.inference_mode():
            inputs = torch.from_numpy(form(batch)).to(device)
            try:
                return as_numpy(model(inputs))
            except (RuntimeError, ValueError, TypeError, IndexError) as error:
                raise unanswered(error, inputs) from None

    return answer


def transform_that_fits(transform: Transform | None, data: Data, rows: Any) -> Transform:
    """Return what prepares raw inputs as they were in training.

    Rows that were seen say more than a transform that a loader was given: many scripts take the
    pictures out of the data set and scale them by hand. Where the transform gives numbers like
    those that were seen, it is the one.
    """
    if rows is None or not isinstance(data.inputs, np.ndarray):
        return transform or images
    if transform is not None and is_alike(transform, data, rows):
        return transform
    if data.inputs.ndim == 2:
        form: Any = table_forms.infer(rows, data.inputs)
    else:
        form = forms.infer(rows, data.inputs)
    if form is None:
        return transform or images
    return lambda batch: torch.from_numpy(np.ascontiguousarray(form(batch)))


def is_alike(transform: Transform, data: Data, rows: np.ndarray) -> bool:
    """Whether a transform gives numbers as large as those in rows, and as many for each input."""
    try:
        made = transform(data.inputs[:: max(1, len(data.inputs) // SAMPLE)][:SAMPLE]).numpy()
    except Exception:  # a transform of a script's own
        return True
    if made[0].size != rows[0].size:
        return False
    spread = max(float(made.std()), TINY)
    same_mean = abs(float(made.mean()) - float(rows.mean())) < MEAN_APART * spread
    ratio = float(rows.std()) / spread
    return same_mean and 1 / SPREAD_APART < ratio < SPREAD_APART


def dtype_of(model: torch.nn.Module) -> torch.dtype:
    """Return the dtype of a module's first parameter of floats; float32 if it has none."""
    for parameter in model.parameters():
        if parameter.is_floating_point():
            return parameter.dtype
    return torch.float32


def dtype_for(model: torch.nn.Module, inputs: torch.Tensor) -> torch.dtype:
    """Return the dtype in which a module takes such inputs: floats as its weights are."""
    return dtype_of(model) if inputs.is_floating_point() else inputs.dtype


def device_of(model: torch.nn.Module) -> torch.device:
    """Return where a module's parameters lie; the CPU if it has none."""
    for parameter in model.parameters():
        return parameter.device
    return torch.device("cpu")


def as_numpy(answer: Any) -> Any:
    """Return a tensor as a NumPy array, floats as float32; anything else as it is."""
    if isinstance(answer, torch.Tensor):
        if not answer.is_floating_point():
            return answer.cpu().numpy()
        return answer.float().cpu().numpy()
    return answer


def as_given(batch: torch.Tensor) -> torch.Tensor:
    return batch


def without_channel(batch: torch.Tensor) -> torch.Tensor:
    return batch.squeeze(1)


def flattened(batch: torch.Tensor) -> torch.Tensor:
    return batch.flatten(1)


def find_arrangement(
    model: torch.nn.Module, ask: Ask, data: Data, transform: Transform, device: torch.device
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
                scores = ask(arrange(probe).to(device, dtype_for(model, probe)))
            except Exception:
                continue
            if has_table(scores, expected):
                return arrange
    return as_given


def has_table(answer: Any, expected: tuple[int, ...]) -> bool:
    """Whether an answer, or one of several outputs, has the shape of scores, or of labels."""
    if isinstance(answer, tuple | list | dict):
        parts = answer.values() if isinstance(answer, dict) else answer
        return any(has_table(each, expected) for each in parts)
    if hasattr(answer, "logits"):
        answer = answer.logits
    shape = tuple(getattr(answer, "shape", ()))
    if expected[1] == 2 and shape in ((expected[0],), (expected[0], 1)):
        return True
    return shape == expected


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
    evaluate(model)
    device = device_of(model)

    def logits(tokens: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            answer = model(torch.from_numpy(tokens).to(device))
            first = answer[0] if isinstance(answer, tuple) else answer
            numbers: np.ndarray = as_numpy(first)
            return numbers

    return logits
