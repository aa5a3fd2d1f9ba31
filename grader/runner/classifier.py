"""A classifier in the box: data in, a model out, and how it answers a batch of raw inputs with class scores."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import frames, loaders
from .data import Data
from .entry import Loaded, Ways, as_array, describe, train_or_load
from .frames import Kind, Trouble
from .problem import Problem
from .script import run_script


def ways(loaded: Loaded, ask: dict[str, Any], values: list[Any]) -> Ways:
    """Train on values (inputs, labels); the model then answers PREDICT with float32 scores (n, num_classes)."""
    data = Data(
        inputs=values[0],
        labels=values[1],
        num_classes=ask["num_classes"],
        seed=ask["seed"],
        device=ask["device"],
    )
    predict = predictor(loaded, data, ask["dataset"])
    return {Kind.PREDICT: lambda batch: as_scores(predict(batch), len(batch), data.num_classes)}


def predictor(loaded: Loaded, data: Data, dataset: str) -> Callable[[Any], Any]:
    """Train or load the model, and return what answers a batch of raw inputs."""
    given = loaders.give(data.inputs, data.labels, dataset)
    if not loaded.script:
        return answerer(loaded, train_or_load(loaded, data), data)
    loaded.module, model = run_script(loaded.folder, loaded.file)
    own = getattr(loaded.module, "predict", None)
    if callable(own) and takes_two(own):
        return lambda batch: own(model, batch)
    from . import with_torch

    return with_torch.answerer(model, data, transform=with_torch.evaluation_transform(given.transforms))


def takes_two(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    if code is None or any("loader" in name for name in code.co_varnames[: code.co_argcount]):
        return False
    required = code.co_argcount - len(function.__defaults__ or ())
    return bool(required <= 2 <= code.co_argcount)


def answerer(loaded: Loaded, model: Any, data: Data) -> Callable[[Any], Any]:
    """Return a function from raw inputs to scores or labels, whatever kind of model this is."""
    own = loaded.function("predict")
    if own is not None:
        return lambda batch: own(model, batch)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        from . import with_torch

        return with_torch.answerer(model, data)
    if callable(model) and not inspect.isclass(model):
        answer: Callable[[Any], Any] = model
        return answer
    raise Problem(
        Trouble.WRONG_TYPE,
        f"train(data) returned {describe(model)}; expected a torch.nn.Module, a keras.Model "
        "or a function from a batch of inputs to class scores",
    )


def as_scores(answer: Any, count: int, num_classes: int) -> np.ndarray:
    """Return float32 scores of shape (count, num_classes); class labels become ones and zeros."""
    if type(answer) is np.ndarray and answer.shape == (count, num_classes) and answer.dtype == np.float32:
        return answer
    array = as_array(answer)
    if array is None or array.dtype not in frames.CODES:
        raise Problem(
            Trouble.WRONG_TYPE, f"the model answered with {describe(answer)}; expected an array of class scores"
        )
    if array.shape == (count, num_classes):
        return np.ascontiguousarray(array, dtype=np.float32)
    if array.shape == (count,) and np.issubdtype(array.dtype, np.integer):
        low, high = (int(array.min()), int(array.max())) if count else (0, 0)
        if low < 0 or high >= num_classes:
            raise Problem(
                Trouble.WRONG_TYPE,
                f"the model answered with labels from {low} to {high}; expected 0 to {num_classes - 1}",
            )
        scores = np.zeros((count, num_classes), dtype=np.float32)
        scores[np.arange(count), array] = 1.0
        return scores
    raise Problem(
        Trouble.WRONG_TYPE,
        f"the model answered a batch of {count} with shape {array.shape} ({array.dtype}); "
        f"expected ({count}, {num_classes}) class scores, or ({count},) whole-number labels",
    )
