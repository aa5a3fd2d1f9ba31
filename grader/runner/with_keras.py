"""Keras inside the box: a model as something that answers raw inputs, whatever it computes with.

How raw inputs are prepared follows from what the model was trained on. Looked at are, in this
order: what `fit` was given; what the model was called with, pipelines that were iterated and large
arrays that a script leaves. Where none of these shows it, the usual forms are tried on training
examples. The model then answers
through a compiled function (`with_keras_programs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np

from . import forms, given_data, table_forms, text_forms, text_functions
from .data import Data
from .fed import Fed, arrays_among
from .frames import Trouble
from .problem import Problem
from .training_trace import Training
from .with_keras_programs import Answer, compiled, scores_of

Form = Callable[[Any], np.ndarray]


def answerer(
    model: Any, data: Data, training: Training, names: dict[str, Any] | None = None
) -> Answer:
    """Return a function from raw inputs to the model's float scores.

    training: what was seen of it. names: the globals of the script, where it was one.
    """
    form = find_form(model, data, training, names or {})
    ask = compiled(model, form(data.inputs[:1]))
    return lambda batch: ask(form(batch))


def language_model(model: Any, context: int) -> Answer:
    """Return a function from int64 tokens (n, t) to logits.

    Whole windows are answered by a compiled function, shorter ones, which come one at a time, by
    the model itself: each length would be a program of its own.
    """
    whole: list[Answer] = []

    def logits(tokens: np.ndarray) -> Any:
        if tokens.shape[1] != context:
            return scores_of(called(model, tokens))
        if not whole:
            whole.append(compiled(model, tokens[:1]))
        return whole[0](tokens)

    return logits


def called(model: Any, batch: Any) -> Any:
    """Return what a model answers when it is called in inference mode."""
    answer = model(keras.ops.convert_to_tensor(batch), training=False)
    return keras.ops.convert_to_numpy(answer)


def find_form(model: Any, data: Data, training: Training, names: dict[str, Any]) -> Form:
    """Return what brings raw inputs into the form this model was trained on."""
    of_model = [fed for fed in training.fed if fed.model is model]
    given_to_fit = [fed for fed in reversed(of_model) if fed.whole]
    form = inferred(given_to_fit, data, training, names)
    if form is not None:
        return form
    if given_to_fit:
        raise unknown_form(given_to_fit[0].look(), data, names)
    form = inferred(other_rows(model, training, names), data, training, names)
    if form is not None:
        return form
    if isinstance(data.inputs, list):
        raise unknown_form(None, data, names)
    usual = forms.usual_forms(data.inputs)
    best = forms.most_accurate(
        usual, lambda batch: called(model, batch), data.inputs, data.labels, data.num_classes
    )
    return best or usual[0]


def other_rows(model: Any, training: Training, names: dict[str, Any]) -> Iterator[Fed]:
    """Yield what else shows how inputs are prepared, the surest first.

    These are calls of the model, pipelines that were iterated, and arrays a script keeps.
    """
    yield from (fed for fed in training.fed if fed.model is model)
    yield from (fed for fed in training.fed if fed.model is None)
    yield from arrays_among(names)


def inferred(
    seen: Iterable[Fed], data: Data, training: Training, names: dict[str, Any]
) -> Form | None:
    """Return the form that the first of these rows shows, or None."""
    for fed in seen:
        rows = fed.look()
        form = None if rows is None else form_of(rows, data, training, names)
        if form is not None:
            return form
    return None


def form_of(rows: np.ndarray, data: Data, training: Training, names: dict[str, Any]) -> Form | None:
    """Return what gives these rows from raw inputs: texts, tables or pictures."""
    if isinstance(data.inputs, list):
        form = text_forms.infer(rows, data.inputs, encoders(training))
        return form or text_functions.form_among(names, rows, data.inputs)
    if data.inputs.ndim == 2:
        return table_forms.infer(rows, data.inputs)
    return forms.infer(rows, data.inputs)


def encoders(training: Training) -> list[text_forms.Encode]:
    """Return whatever turned texts into numbers: loaders, tokenizers and vectorizers."""
    found: list[text_forms.Encode] = []
    if given_data.GIVEN:
        found += given_data.given().encoders
    for each in training.texts:
        if hasattr(each, "texts_to_sequences"):
            found.append(each.texts_to_sequences)
        else:
            found.append(vectorized(each))
    return found


def vectorized(layer: Any) -> text_forms.Encode:
    """Return a vectorizing layer as a function from texts to numbers."""

    def encode(texts: list[str]) -> np.ndarray:
        numbers = layer(np.array(texts, dtype=object))
        return np.asarray(keras.ops.convert_to_numpy(numbers))

    return encode


def unknown_form(rows: np.ndarray | None, data: Data, names: dict[str, Any]) -> Problem:
    """Return what to say where it is not known how raw inputs become what a model was given."""
    given = "inputs"
    if rows is not None:
        sides = ", ".join(map(str, rows.shape[1:]))
        given = f"{rows.dtype} of shape (n, {sides})"
    are_texts = isinstance(data.inputs, list)
    lines = f" {text_functions.lines_to_add(names, 'keras')}" if are_texts else ""
    return Problem(
        Trouble.NOT_DEFINED,
        f"the model was trained on {given}, and the grader could not work out how raw inputs are "
        "turned into that. Define predict(model, inputs) beside it: it gets raw inputs and "
        f"returns class scores.{lines}",
    )
