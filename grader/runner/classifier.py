"""A classifier in the box: data in, a model out, and how it answers a batch of raw inputs with
class scores.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import forms, frames, loaders, training_trace
from .data import Data
from .entry import Loaded, Ways, as_array, describe, train_or_load
from .frames import Kind, Trouble
from .problem import Problem
from .script import Parameters, run_script, takes_two

PROBES = 64  # training examples that tell a probability from a logit


def ways(loaded: Loaded, ask: dict[str, Any], values: list[Any]) -> Ways:
    """Train on values (inputs, labels); the model then answers PREDICT with float32 scores (n,
    num_classes).
    """
    data = Data(
        inputs=values[0],
        labels=values[1],
        num_classes=ask["num_classes"],
        seed=ask["seed"],
        device=ask["device"],
    )
    predict = predictor(loaded, data, ask["dataset"])
    if data.num_classes == 2:
        predict = two_columns(predict, data)
    return {Kind.PREDICT: lambda batch: as_scores(predict(batch), len(batch), data.num_classes)}


def two_columns(predict: Callable[[Any], Any], data: Data) -> Callable[[Any], Any]:
    """Let a model of two classes answer with one number an example: a probability of class 1, or a
    logit.

    Numbers between 0 and 1 for all of some training examples are probabilities.
    """
    examples = data.inputs[:: max(1, len(data.labels) // PROBES)][:PROBES]
    first = as_array(predict(examples[:1]))
    if first is None or first.dtype.kind != "f" or first.shape not in ((1,), (1, 1)):
        return predict
    seen = as_array(predict(examples))
    probability = seen is not None and bool(seen.min() >= 0.0) and bool(seen.max() <= 1.0)

    def answer(batch: Any) -> Any:
        given = as_array(predict(batch))
        if given is None or given.shape not in ((len(batch),), (len(batch), 1)):
            return given
        column = given.reshape(-1, 1).astype(np.float32)
        return np.concatenate(
            [1.0 - column if probability else np.zeros_like(column), column], axis=1
        )

    return answer


def predictor(loaded: Loaded, data: Data, dataset: str) -> Callable[[Any], Any]:
    """Train or load the model, and return what answers a batch of raw inputs."""
    given = loaders.give(data.inputs, data.labels, dataset)
    if not loaded.script:
        return answerer(loaded, train_or_load(loaded, data), data)
    loaded.module, model = run_script(loaded.folder, loaded.file)
    if isinstance(model, Parameters):
        return applied(model, data, loaded.module.__dict__, given)
    own = getattr(loaded.module, "predict", None)
    if callable(own) and takes_two(own):
        return lambda batch: own(model, batch)
    if training_trace.is_keras(model):
        from . import with_keras

        return with_keras.answerer(model, data, training_trace.CURRENT[0], loaded.module.__dict__)
    if training_trace.is_torch(model):
        from . import with_torch

        refuse_texts(data)
        return with_torch.answerer(
            model, data, transform=with_torch.evaluation_transform(given.transforms)
        )
    return applied(
        Parameters(None, [lambda _, batch: model(batch)]), data, loaded.module.__dict__, given
    )


def answerer(loaded: Loaded, model: Any, data: Data) -> Callable[[Any], Any]:
    """Return a function from raw inputs to scores or labels, whatever kind of model this is."""
    own = loaded.function("predict")
    if own is not None:
        return lambda batch: own(model, batch)
    if training_trace.is_keras(model):
        from . import with_keras

        return with_keras.answerer(model, data, training_trace.CURRENT[0])
    if training_trace.is_torch(model):
        from . import with_torch

        refuse_texts(data)
        return with_torch.answerer(model, data)
    if callable(model) and not inspect.isclass(model):
        answer: Callable[[Any], Any] = model
        return answer
    raise Problem(
        Trouble.WRONG_TYPE,
        f"train(data) returned {describe(model)}; expected a torch.nn.Module, a keras.Model "
        "or a function from a batch of inputs to class scores",
    )


def refuse_texts(data: Data) -> None:
    """Say early that a network of numbers cannot be given texts."""
    if isinstance(data.inputs, list):
        raise Problem(
            Trouble.NOT_DEFINED,
            "the inputs are texts and the model is a torch.nn.Module, which takes numbers. "
            "Define predict(model, inputs) beside it: it gets a list of texts and returns class scores.",
        )


def applied(
    model: Parameters, data: Data, names: dict[str, Any], given: loaders.Given
) -> Callable[[Any], Any]:
    """Return what answers with a plain function that a script trained; function and form are found
    by trying.

    Tried is what the script's transform or its arrays tell, then inputs as they are, then the usual
    forms. Of those that bring a row of scores for each example, the one that answers training
    examples best is taken.
    """
    tried = [*told_forms(data, names, given), lambda batch: batch]
    if not isinstance(data.inputs, list):
        tried += forms.usual_forms(data.inputs)
    for function in model.functions:
        for way in (function, one_by_one(function)):
            ask = asking(way, model.values)
            form = forms.most_accurate(tried, ask, data.inputs, data.labels, data.num_classes)
            if form is not None:
                return answering(ask, form)
    told = ", ".join(getattr(each, "__name__", "model") for each in model.functions)
    raise Problem(
        Trouble.WRONG_TYPE,
        f"no form of the inputs that was tried brings {data.num_classes} scores an example from {told}. Define "
        "predict(params, inputs): it gets the parameters and raw inputs, and returns class scores.",
    )


def told_forms(
    data: Data, names: dict[str, Any], given: loaders.Given
) -> list[Callable[[Any], Any]]:
    """Return the forms of inputs that a script's transform, its pipelines or its large arrays
    show.
    """
    if isinstance(data.inputs, list):
        return []
    found: list[Callable[[Any], Any]] = []
    if given.transforms:
        from . import with_torch

        transform = with_torch.evaluation_transform(given.transforms)
        found.append(lambda batch: transform(batch).numpy())
    fed = (each for each in training_trace.CURRENT[0].fed if each.model is None)
    for each in (*fed, *training_trace.arrays_among(names)):
        rows = each.look()
        form = forms.infer(rows, data.inputs) if rows is not None else None
        if form is not None:
            found.append(form)
            break
    return found


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of one example as one of a batch; with JAX compiled, else it raises when it
    is asked.
    """

    def batched(parameters: Any, batch: Any) -> Any:
        return compiled(parameters, batch)

    jax = sys.modules.get("jax")
    compiled = jax.jit(jax.vmap(function, in_axes=(None, 0))) if jax is not None else refuse
    return batched


def refuse(*_: Any) -> Any:
    raise TypeError("a function of one example")


def asking(function: Callable[..., Any], values: Any) -> Callable[[Any], Any]:
    return lambda batch: function(values, batch)


def answering(ask: Callable[[Any], Any], form: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda batch: ask(form(batch))


def as_scores(answer: Any, count: int, num_classes: int) -> np.ndarray:
    """Return float32 scores of shape (count, num_classes); class labels become ones and zeros."""
    if (
        type(answer) is np.ndarray
        and answer.shape == (count, num_classes)
        and answer.dtype == np.float32
    ):
        return answer
    array = as_array(answer)
    if array is None or array.dtype not in frames.CODES:
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the model answered with {describe(answer)}; expected an array of class scores",
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
