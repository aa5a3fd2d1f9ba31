"""Keras inside the box: a model as something that answers raw inputs, whatever it computes with.

What the model was trained on tells how raw inputs are prepared (forms.py, text_forms.py). It then
answers through a compiled function in inference mode: with TensorFlow one graph for all batch
sizes, with JAX one program a size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from . import forms, loaders, table_forms, text_forms
from .entry import describe
from .frames import Trouble
from .problem import Problem
from .training_trace import Fed, Training, arrays_among

if TYPE_CHECKING:
    from .data import Data

# with JAX, a batch is filled up to a size compiled before if that is at most so many times as large
SLACK = 8

Answer = Callable[[Any], np.ndarray]


def answerer(
    model: Any, data: Data, training: Training, names: dict[str, Any] | None = None
) -> Answer:
    """Return a function from raw inputs to the model's float scores.

    training: what was seen of it; names: the globals of the script, where it was one.
    """
    form = find_form(model, data, training, names or {})
    ask = compiled(model, form(data.inputs[:1]))
    return lambda batch: ask(form(batch))


def painter(model: Any) -> Callable[[int, int], np.ndarray]:
    """Return paint(n, seed) of a model from normal noise to pictures, as floats in the range of its
    last layer.
    """
    form = getattr(model, "input_shape", None)
    if not isinstance(form, tuple) or not all(isinstance(size, int) for size in form[1:]):
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the generator takes inputs of shape {form}; expected one noise of a fixed size, such as (None, 64). "
            "Define sample(model, n, seed) beside it",
        )

    def noise(count: int, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).standard_normal((count, *form[1:]), np.float32)

    ask = compiled(model, noise(1, 0))
    return lambda count, seed: ask(noise(count, seed))


def language_model(model: Any, context: int) -> Answer:
    """Return a function from int64 tokens (n, t) to logits; whole windows are answered by a
    compiled function.
    """
    whole: list[Answer] = []

    def logits(tokens: np.ndarray) -> np.ndarray:
        if tokens.shape[1] != context:
            return scores_of(
                keras.ops.convert_to_numpy(
                    model(keras.ops.convert_to_tensor(tokens), training=False)
                )
            )
        if not whole:
            whole.append(compiled(model, tokens[:1]))
        return whole[0](tokens)

    return logits


def find_form(
    model: Any, data: Data, training: Training, names: dict[str, Any]
) -> Callable[[Any], np.ndarray]:
    """Return what brings raw inputs into the form this model was trained on."""
    seen = [fed for fed in reversed(training.fed) if fed.whole and fed.model is model]
    form = inferred(seen, data, training)
    if form is not None:
        return form
    if seen:
        raise unknown_form(seen[0].look())
    form = inferred(evidence(model, training, names), data, training)
    if form is not None:
        return form
    if isinstance(data.inputs, list):
        raise unknown_form(None)

    def ask(batch: Any) -> Any:
        return keras.ops.convert_to_numpy(model(keras.ops.convert_to_tensor(batch), training=False))

    candidates = forms.usual_forms(data.inputs)
    chosen = forms.most_accurate(candidates, ask, data.inputs, data.labels, data.num_classes)
    return chosen or candidates[0]


def evidence(model: Any, training: Training, names: dict[str, Any]) -> Iterator[Fed]:
    """Return what else tells how inputs are prepared: calls of the model, pipelines that were
    iterated, arrays kept.
    """
    yield from (fed for fed in training.fed if fed.model is model)
    yield from (fed for fed in training.fed if fed.model is None)
    yield from arrays_among(names)


def inferred(seen: Any, data: Data, training: Training) -> Callable[[Any], np.ndarray] | None:
    """Return the form that the first of these tells, or None."""
    for fed in seen:
        rows = fed.look()
        if rows is None:
            continue
        if isinstance(data.inputs, list):
            form: Any = text_forms.infer(rows, data.inputs, encoders(training))
        elif data.inputs.ndim == 2:
            form = table_forms.infer(rows, data.inputs)
        else:
            form = forms.infer(rows, data.inputs)
        if form is not None:
            found: Callable[[Any], np.ndarray] = form
            return found
    return None


def encoders(training: Training) -> list[Callable[[list[str]], Any]]:
    """Return whatever turned texts into numbers: loaders, tokenizers and vectorizers."""
    found = list(loaders.given().encoders) if loaders.GIVEN else []
    for each in training.texts:
        if hasattr(each, "texts_to_sequences"):
            found.append(each.texts_to_sequences)
        else:
            found.append(vectorized(each))
    return found


def vectorized(layer: Any) -> Callable[[list[str]], np.ndarray]:
    return lambda texts: np.asarray(
        keras.ops.convert_to_numpy(layer(np.array(texts, dtype=object)))
    )


def unknown_form(rows: np.ndarray | None) -> Problem:
    given = (
        "inputs"
        if rows is None
        else f"{rows.dtype} of shape {('n', *rows.shape[1:])}".replace("'", "")
    )
    return Problem(
        Trouble.NOT_DEFINED,
        f"the model was trained on {given}, and how raw inputs become that could not be told. "
        "Define predict(model, inputs) beside it: it gets raw inputs and returns class scores.",
    )


def compiled(model: Any, example: np.ndarray) -> Answer:
    """Return a function from prepared inputs to scores that runs in inference mode; `example` is
    tried on it.
    """
    ways = {"tensorflow": with_tensorflow, "jax": with_jax, "torch": with_torch}
    way = ways.get(keras.backend.backend())
    if way is not None:
        try:
            ask = way(model, example)
            ask(example)
        except (
            Exception
        ):  # models that take fixed batches, texts beside JAX, layers of a learner's own
            pass
        else:
            return ask
    return lambda batch: scores_of(model.predict_on_batch(batch))


def scores_of(answer: Any) -> np.ndarray:
    if isinstance(answer, list | tuple | dict):
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the model has {len(answer)} outputs ({describe(answer)}); expected one, an array of class scores. "
            "Define predict(model, inputs) beside it and return the one that counts.",
        )
    return np.asarray(answer)


def with_tensorflow(model: Any, example: np.ndarray) -> Answer:
    """Return the model as one graph for every batch size; on a CPU, computed by the thread that
    asks.

    TensorFlow's pools cannot be resized once it runs, and on the one core of the timed phase
    handing each step to another thread costs more than the step. A session of its own with the
    weights as constants does without.
    """
    import tensorflow as tf

    dtype = tf.string if example.dtype == object else tf.as_dtype(example.dtype)
    signature = [tf.TensorSpec((None, *example.shape[1:]), dtype)]
    graph = tf.function(lambda inputs: model(inputs, training=False), input_signature=signature)
    run = graph.get_concrete_function()
    if isinstance(run.structured_outputs, tf.Tensor) and not tf.config.list_physical_devices("GPU"):
        try:
            ask = in_this_thread(tf, run)
            ask(example)
        except Exception:  # tables and other resources cannot become constants
            pass
        else:
            return ask

    def ask_graph(batch: np.ndarray) -> np.ndarray:
        answer = run(tf.constant(batch, dtype=dtype))
        return answer.numpy() if isinstance(answer, tf.Tensor) else scores_of(answer)

    return ask_graph


def in_this_thread(tf: Any, run: Any) -> Answer:
    """Return a concrete function as a session's callable that uses the calling thread alone."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    frozen = convert_variables_to_constants_v2(run)
    graph, old = tf.Graph(), tf.compat.v1
    with graph.as_default():
        tf.graph_util.import_graph_def(frozen.graph.as_graph_def(), name="")
    config = old.ConfigProto(
        intra_op_parallelism_threads=1, inter_op_parallelism_threads=1, use_per_session_threads=True
    )
    session = old.Session(graph=graph, config=config)
    call = session.make_callable(
        frozen.outputs[0].name, [frozen.inputs[0].name], accept_options=True
    )
    options = old.RunOptions(inter_op_thread_pool=-1)
    return lambda batch: np.asarray(call(batch, options=options))


def with_torch(model: Any, example: np.ndarray) -> Answer:
    """Return the model called without gradients."""
    import torch

    def ask(batch: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            answer = model(keras.ops.convert_to_tensor(batch), training=False)
        return (
            answer.float().cpu().numpy() if isinstance(answer, torch.Tensor) else scores_of(answer)
        )

    return ask


def with_jax(model: Any, example: np.ndarray) -> Answer:
    """Return the model as a program compiled for each batch size; a batch is filled up to a size
    that is there.
    """
    import jax

    trainable, others = model.trainable_variables, model.non_trainable_variables
    program = jax.jit(
        lambda first, rest, inputs: model.stateless_call(first, rest, inputs, training=False)[0]
    )
    sizes: set[int] = set()

    def ask(batch: np.ndarray) -> np.ndarray:
        count = len(batch)
        size = min((each for each in sizes if count <= each <= SLACK * count), default=count)
        sizes.add(size)
        if size > count:
            batch = np.concatenate([batch, np.repeat(batch[:1], size - count, axis=0)])
        weights = [[variable.value for variable in each] for each in (trainable, others)]
        return scores_of(program(*weights, batch))[:count]

    return ask
