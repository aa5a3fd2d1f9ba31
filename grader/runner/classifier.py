"""A classifier in the box: data in, a model out, and how it scores the classes of raw inputs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import forms, frames, given_data
from .data import Data
from .entry import Loaded, Ways, train_or_load
from .fed import arrays_among
from .frames import Kind, Trouble
from .networks import is_keras, is_torch
from .problem import Problem
from .script import Parameters, run_script, takes_two
from .training_trace import current
from .values import as_array, describe

PROBES = 64  # training examples that tell a probability from a logit

Predict = Callable[[Any], Any]  # raw inputs -> scores or labels, in whatever form the model gives


def ways(loaded: Loaded, ask: dict[str, Any], values: list[Any]) -> Ways:
    """Train on values (inputs, labels); the model then answers PREDICT in float32 (n, classes)."""
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


def predictor(loaded: Loaded, data: Data, dataset: str) -> Predict:
    """Train or load the model, and return what answers a batch of raw inputs."""
    given = given_data.give(data.inputs, data.labels, dataset)
    if not loaded.script:
        return answerer(loaded, train_or_load(loaded, data), data)
    loaded.module, model = run_script(loaded.folder, loaded.file)
    return script_answerer(loaded, model, data, given)


def answerer(loaded: Loaded, model: Any, data: Data) -> Predict:
    """Return what answers with the model that train(data) or load(folder) returned."""
    own = loaded.function("predict")
    if own is not None:
        return lambda batch: own(model, batch)
    if is_keras(model):
        from . import with_keras

        return with_keras.answerer(model, data, current())
    if is_torch(model):
        from . import with_torch

        refuse_texts(data)
        return with_torch.answerer(model, data)
    if callable(model) and not inspect.isclass(model):
        answer: Predict = model
        return answer
    raise Problem(
        Trouble.WRONG_TYPE,
        f"train(data) returned {describe(model)}; expected a torch.nn.Module, a keras.Model "
        "or a function from a batch of inputs to class scores",
    )


def script_answerer(loaded: Loaded, model: Any, data: Data, given: given_data.Given) -> Predict:
    """Return what answers with the model that a script left.

    A script also shows how its inputs are prepared: by the transforms it gave to loaders, and by
    what it fed its model.
    """
    names = loaded.module.__dict__
    if isinstance(model, Parameters):
        return applied(model, data, names, given)
    own = names.get("predict")
    if callable(own) and takes_two(own):
        return lambda batch: own(model, batch)
    if is_keras(model):
        from . import with_keras

        return with_keras.answerer(model, data, current(), names)
    if is_torch(model):
        from . import with_torch, with_torch_transforms

        refuse_texts(data)
        transform = with_torch_transforms.evaluation_transform(given.transforms)
        return with_torch.answerer(model, data, transform=transform)
    without_parameters = Parameters(None, [lambda _, batch: model(batch)])
    return applied(without_parameters, data, names, given)


def refuse_texts(data: Data) -> None:
    """Say early that a network that takes numbers cannot be given texts."""
    if isinstance(data.inputs, list):
        raise Problem(
            Trouble.NOT_DEFINED,
            "the inputs are texts and the model is a torch.nn.Module, which takes numbers. "
            "Define predict(model, inputs) beside it: it gets a list of texts and returns class "
            "scores.",
        )


def two_columns(predict: Predict, data: Data) -> Predict:
    """Let a model of two classes answer with one number: a probability of class 1, or a logit.

    If all numbers for some training examples are between 0 and 1, they are probabilities.
    """
    examples = data.inputs[:: max(1, len(data.labels) // PROBES)][:PROBES]
    first = as_array(predict(examples[:1]))
    if first is None or first.dtype.kind != "f" or first.shape not in ((1,), (1, 1)):
        return predict
    seen = as_array(predict(examples))
    are_probabilities = seen is not None and bool(seen.min() >= 0.0) and bool(seen.max() <= 1.0)

    def answer(batch: Any) -> Any:
        given = as_array(predict(batch))
        if given is None or given.shape not in ((len(batch),), (len(batch), 1)):
            return given
        of_one = given.reshape(-1, 1).astype(np.float32)
        of_zero = 1.0 - of_one if are_probabilities else np.zeros_like(of_one)
        return np.concatenate([of_zero, of_one], axis=1)

    return answer


# A plain function that a script trained: function and form of the inputs are found by trying.


def applied(
    model: Parameters, data: Data, names: dict[str, Any], given: given_data.Given
) -> Predict:
    """Return what answers with a plain function that a script trained.

    Tried are the forms that the script's transform or arrays show, then inputs as they are, then
    the usual forms. Of those that bring a row of scores for each example, the one that answers
    training examples best is taken.
    """
    tried = [*shown_forms(data, names, given), lambda batch: batch]
    if not isinstance(data.inputs, list):
        tried += forms.usual_forms(data.inputs)
    for function in model.functions:
        for way in (function, one_by_one(function)):
            ask = asking(way, model.values)
            form = forms.most_accurate(tried, ask, data.inputs, data.labels, data.num_classes)
            if form is not None:
                return answering(ask, form)
    functions = ", ".join(getattr(each, "__name__", "model") for each in model.functions)
    raise Problem(
        Trouble.WRONG_TYPE,
        f"none of the input forms that were tried makes {functions} return {data.num_classes} "
        "scores for each example. Define predict(params, inputs): it gets the parameters and raw "
        "inputs, and returns class scores.",
    )


def shown_forms(
    data: Data, names: dict[str, Any], given: given_data.Given
) -> list[Callable[[Any], Any]]:
    """Return the forms of inputs that a script's transform, pipelines or large arrays show."""
    if isinstance(data.inputs, list):
        return []
    found: list[Callable[[Any], Any]] = []
    if given.transforms:
        from . import with_torch_transforms

        transform = with_torch_transforms.evaluation_transform(given.transforms)
        found.append(lambda batch: transform(batch).numpy())
    of_no_model = [each for each in current().fed if each.model is None]
    for fed in (*of_no_model, *arrays_among(names)):
        rows = fed.look()
        form = None if rows is None else forms.infer(rows, data.inputs)
        if form is not None:
            found.append(form)
            break
    return found


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of one example as one of a batch, compiled by JAX.

    Without JAX it raises when it is asked: such functions are written for `vmap`.
    """
    jax = sys.modules.get("jax")
    compiled = refuse if jax is None else jax.jit(jax.vmap(function, in_axes=(None, 0)))

    def batched(parameters: Any, batch: Any) -> Any:
        return compiled(parameters, batch)

    return batched


def refuse(*_: Any) -> Any:
    raise TypeError("a function of one example")


def asking(function: Callable[..., Any], values: Any) -> Predict:
    return lambda batch: function(values, batch)


def answering(ask: Predict, form: Callable[[Any], Any]) -> Predict:
    return lambda batch: ask(form(batch))


# What travels.


def as_scores(answer: Any, count: int, num_classes: int) -> np.ndarray:
    """Return float32 scores of shape (count, num_classes); class labels become ones and zeros.

    What is in this form already is passed on at once: this stands between two timed answers.
    """
    shape = (count, num_classes)
    if type(answer) is np.ndarray and answer.shape == shape and answer.dtype == np.float32:
        return answer
    array = as_array(answer)
    if array is None or array.dtype not in frames.CODES:
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the model answered with {describe(answer)}; expected an array of class scores",
        )
    if array.shape == shape:
        return np.ascontiguousarray(array, dtype=np.float32)
    if array.shape == (count,) and np.issubdtype(array.dtype, np.integer):
        return one_hot(array, num_classes)
    raise Problem(
        Trouble.WRONG_TYPE,
        f"the model answered a batch of {count} with shape {array.shape} ({array.dtype}); "
        f"expected ({count}, {num_classes}) class scores, or ({count},) whole-number labels",
    )


def one_hot(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Return whole-number labels (n,) as float32 ones and zeros (n, num_classes)."""
    scores = np.zeros((len(labels), num_classes), dtype=np.float32)
    if not len(labels):
        return scores
    lowest = int(labels.min())
    highest = int(labels.max())
    if lowest < 0 or highest >= num_classes:
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the model answered with labels from {lowest} to {highest}; "
            f"expected 0 to {num_classes - 1}",
        )
    scores[np.arange(len(labels)), labels] = 1.0
    return scores
