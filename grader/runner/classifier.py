"""A classifier in the box: data in, a model out, and how it scores the classes of raw inputs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import forms, frames, given_data, text_functions
from .data import Data
from .entry import Loaded, Ways, train_or_load
from .fed import arrays_among
from .finding import METHOD_NAMES, Candidate, Found, find_models, is_function, takes_two
from .frames import Kind, Trouble
from .networks import Parameters, is_estimator, is_keras, is_torch
from .notes import note
from .problem import Problem
from .script import Ran, run_script
from .signatures import names_of
from .training_trace import current
from .values import as_array, describe

TRIED = 2  # training examples that tell whether something can be the model
MODEL_ARGUMENTS = ("model", "net", "network", "params", "parameters", "weights")
PROBES = 64  # training examples that tell a probability from a logit

Finish = Callable[["Predict"], "Predict"]
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

    def finish(predict: Predict) -> Predict:
        if data.num_classes == 2:
            predict = two_columns(predict, data)
        return lambda batch: as_scores(predict(batch), len(batch), data.num_classes)

    return {Kind.PREDICT: predictor(loaded, data, ask["dataset"], finish, ask.get("pass_rows", 0))}


def predictor(
    loaded: Loaded, data: Data, dataset: str, finish: Finish, pass_rows: int = 0
) -> Predict:
    """Train or load the model, and return what answers a batch of raw inputs.

    finish: makes of an answer what travels, and raises Problem for one that can't be it.
    """
    given = given_data.give(data.inputs, data.labels, dataset, pass_rows)
    if not loaded.script:
        answer = answerer(loaded, train_or_load(loaded, data), data)
        return finish(answer)
    ran = run_script(loaded.folder, loaded.file)
    loaded.module.__dict__.update(ran.names)
    found = find_models(ran)
    chosen, predict = first_that_answers(found, ran, data, given, finish)
    ran.training.account.close(chosen.model)
    say_which(chosen, found)
    return predict


def first_that_answers(
    found: Found, ran: Ran, data: Data, given: given_data.Given, finish: Finish
) -> tuple[Candidate, Predict]:
    """Return the first candidate that answers two training examples, and what answers with it.

    Where none does, the first one is the model and its error is told.
    """
    errors: list[BaseException] = []
    for candidate in found.candidates:
        try:
            predict = finish(script_answerer(ran, candidate.model, data, given))
            predict(data.inputs[:TRIED])
        except Exception as error:  # whatever a learner's own object raises
            errors.append(error)
        else:
            return candidate, predict
    raise errors[0]


def say_which(chosen: Candidate, found: Found) -> None:
    """Note which of several trained networks is graded."""
    others = [each.name for each in found.trained if each.model is not chosen.model]
    if not others or isinstance(chosen.model, list):
        return
    names = [name for name in others if name]
    beside = f" beside it: {', '.join(names)}" if names else ""
    note(
        f"the script trained {len(others) + 1} networks; graded is "
        f"{chosen.name or 'the one that was trained last'}{beside}. To choose, call it `model`"
    )


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

        refuse_texts(data, loaded.module.__dict__)
        return with_torch.answerer(model, data)
    if callable(model) and not inspect.isclass(model):
        answer: Predict = model
        return answer
    raise Problem(
        Trouble.WRONG_TYPE,
        f"train(data) returned {describe(model)}; expected a torch.nn.Module, a keras.Model "
        "or a function from a batch of inputs to class scores",
    )


def script_answerer(ran: Ran, model: Any, data: Data, given: given_data.Given) -> Predict:
    """Return what answers with something that a script left.

    A script also shows how its inputs are prepared: by the transforms it gave to loaders, and by
    what it fed its model.
    """
    names = ran.names
    if isinstance(model, Parameters):
        return applied(model, data, names, given)
    own = names.get("predict")
    if is_function(own) and takes_two(own) and speaks_of_models(own):
        return lambda batch: own(model, batch)
    if isinstance(model, list):
        return together([script_answerer(ran, each, data, given) for each in model])
    if is_keras(model):
        from . import with_keras

        return with_keras.answerer(model, data, ran.training, names)
    if is_torch(model):
        from . import with_torch, with_torch_transforms

        rows = ran.training.rows_of(model)
        takes_one = len(ran.training.arguments_of(model)) == 1
        if isinstance(data.inputs, list) and rows is not None and takes_one:
            form = text_functions.form_among(names, rows, data.inputs)
            if form is not None:
                return with_torch.of_texts(model, form)
        refuse_texts(data, names)
        transform = None
        if given.transforms:
            transform = with_torch_transforms.evaluation_transform(given.transforms)
        return with_torch.answerer(model, data, transform=transform, rows=rows)
    if is_estimator(model):
        from . import with_sklearn

        return with_sklearn.answerer(model, data, ran.training)
    functions = [asked_without(way) for way in ways_to_ask(model)]
    return applied(Parameters(None, functions), data, names, given)


def speaks_of_models(function: Callable[..., Any]) -> bool:
    """Whether a script's own predict() is the one that the grader offers to call.

    Many scripts have another of this name, for one picture or a loader: their arguments say so.
    """
    names = names_of(function)
    return names[:2] == ["model", "inputs"] or (names[0] in MODEL_ARGUMENTS and len(names) == 2)


def ways_to_ask(model: Any) -> list[Callable[..., Any]]:
    """Return how an object of a script's own can be asked: its methods, or itself."""
    ways = [getattr(model, name, None) for name in METHOD_NAMES]
    return [way for way in (*ways, model) if callable(way)]


def asked_without(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _, batch: function(batch)


def together(members: list[Predict]) -> Predict:
    """Return what answers with the mean of several models' shares for each class."""

    def answer(batch: Any) -> np.ndarray:
        shares = [as_shares(np.asarray(member(batch), dtype=np.float64)) for member in members]
        mean: np.ndarray = np.stack(shares).mean(axis=0)
        return mean.astype(np.float32)

    return answer


def as_shares(scores: np.ndarray) -> np.ndarray:
    """Return scores (n, classes) as shares that sum to one: as they are, or through a softmax."""
    sums = scores.sum(axis=1, keepdims=True)
    if scores.min() >= 0 and np.allclose(sums, 1, atol=1e-3):
        return scores
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares


def refuse_texts(data: Data, names: dict[str, Any]) -> None:
    """Say early that a network that takes numbers cannot be given texts."""
    if isinstance(data.inputs, list):
        raise Problem(
            Trouble.NOT_DEFINED,
            "the inputs are texts and the model is a torch.nn.Module, which takes numbers. "
            "Define predict(model, inputs) beside it: it gets a list of texts and returns class "
            f"scores. {text_functions.lines_to_add(names, 'torch')}",
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
    training examples best is taken. A function may take arrays or tensors, a batch, a batch whose
    examples are columns, or one example.
    """
    tried = [*shown_forms(data, names, given), lambda batch: batch]
    if not isinstance(data.inputs, list):
        tried += forms.usual_forms(data.inputs)
    for function in model.functions:
        for way in ways_of(function):
            ask = in_rows(asking(way, model.values), data.num_classes)
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


def ways_of(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """Return the ways in which a function (parameters, inputs) may be meant."""
    ways = [function, one_by_one(function), in_columns(function)]
    return [with_tensors(function), *ways] if "torch" in sys.modules else ways


def with_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is given PyTorch's tensors, without gradients."""
    import torch

    def ask(parameters: Any, batch: Any) -> Any:
        with torch.no_grad():
            return function(parameters, torch.as_tensor(batch))

    return ask


def in_columns(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is given examples as columns and answers in columns."""

    def ask(parameters: Any, batch: Any) -> Any:
        answer = function(parameters, np.asarray(batch).T)
        return [turned(each) for each in answer] if isinstance(answer, tuple) else turned(answer)

    return ask


def turned(answer: Any) -> Any:
    """Return a table with rows and columns exchanged; anything else as it is."""
    return answer.T if getattr(answer, "ndim", 0) == 2 else answer


def in_rows(ask: Predict, num_classes: int) -> Predict:
    """Return what answers with a table of scores, where a function gives more besides."""

    def answer(batch: Any) -> Any:
        given = ask(batch)
        if isinstance(given, tuple | list | dict):
            return table_among(given, len(batch), num_classes, newest=True)
        return given

    return answer


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
        found.append(lambda batch: transform(batch).flatten(1).numpy())
        found.append(lambda batch: transform(batch).squeeze(1).numpy())
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

    Of several outputs the first table of scores counts. What is in this form already is passed on
    at once: this stands between two timed answers.
    """
    shape = (count, num_classes)
    if type(answer) is np.ndarray and answer.shape == shape and answer.dtype == np.float32:
        return answer
    if isinstance(answer, tuple | dict) or hasattr(answer, "logits"):
        answer = table_among(answer, count, num_classes)
    array = as_array(answer)
    if array is None or array.dtype not in frames.CODES:
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the model answered with {describe(answer)}; expected an array of class scores",
        )
    if array.shape == shape:
        return np.ascontiguousarray(array, dtype=np.float32)
    is_whole = np.issubdtype(array.dtype, np.integer)
    if is_whole and array.shape in ((count,), (count, 1)):
        return one_hot(array.reshape(count), num_classes)
    raise Problem(
        Trouble.WRONG_TYPE,
        f"the model answered a batch of {count} with shape {array.shape} ({array.dtype}); "
        f"expected ({count}, {num_classes}) class scores, or ({count},) whole-number labels",
    )


def table_among(answer: Any, count: int, num_classes: int, *, newest: bool = False) -> Any:
    """Return the first table of scores among several outputs; the answer itself if there is none.

    newest: the last table instead, as functions return what they computed on the way first.
    """
    if hasattr(answer, "logits"):
        return answer.logits
    values = list(answer.values()) if isinstance(answer, dict) else list(answer)
    tables = [each for each in values if tuple(getattr(each, "shape", ())) == (count, num_classes)]
    if not tables:
        return answer
    return tables[-1 if newest else 0]


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
