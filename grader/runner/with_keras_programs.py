"""Keras models as compiled functions in inference mode, by what Keras computes with.

A call of a Keras model does much that is not computing, and the timed phase would measure it. With
TensorFlow a model becomes one graph for all batch sizes, with JAX one program for each size, with
PyTorch it is called without gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

# With JAX, a batch is filled up to a size compiled before if that is at most this much larger.
SLACK = 8

Answer = Callable[[Any], Any]


def compiled(model: Any, example: np.ndarray) -> Answer:
    """Return a function from prepared inputs to scores; `example` is tried on it.

    Some models cannot be compiled: those that take fixed batches, texts beside JAX, layers of a
    learner's own. They answer through `predict_on_batch`.
    """
    ways = {"tensorflow": with_tensorflow, "jax": with_jax, "torch": with_torch}
    way = ways.get(keras.backend.backend())
    if way is not None:
        try:
            ask = way(model, example)
            ask(example)
        except Exception:
            pass
        else:
            return ask
    return lambda batch: scores_of(model.predict_on_batch(batch))


def scores_of(answer: Any) -> Any:
    """Return a model's answer as an array, or several outputs as a tuple or dict of arrays."""
    if isinstance(answer, dict):
        return {name: np.asarray(each) for name, each in answer.items()}
    if isinstance(answer, list | tuple):
        return tuple(np.asarray(each) for each in answer)
    return np.asarray(answer)


def with_tensorflow(model: Any, example: np.ndarray) -> Answer:
    """Return the model as one graph for every batch size.

    On a CPU it is computed by the thread that asks. TensorFlow's pools cannot be resized once it
    runs, and on the one core of the timed phase handing each step to another thread costs more than
    the step. A session of its own with the weights as constants does without.
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

    def ask_graph(batch: np.ndarray) -> Any:
        answer = run(tf.constant(batch, dtype=dtype))
        return answer.numpy() if isinstance(answer, tf.Tensor) else scores_of(answer)

    return ask_graph


def in_this_thread(tf: Any, run: Any) -> Answer:
    """Return a concrete function as a session's callable that uses the calling thread alone."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    frozen = convert_variables_to_constants_v2(run)
    old = tf.compat.v1
    graph = tf.Graph()
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

    def ask(batch: np.ndarray) -> Any:
        with torch.no_grad():
            answer = model(keras.ops.convert_to_tensor(batch), training=False)
        return (
            answer.float().cpu().numpy() if isinstance(answer, torch.Tensor) else scores_of(answer)
        )

    return ask


def with_jax(model: Any, example: np.ndarray) -> Answer:
    """Return the model as a program for each batch size.

    A batch is filled up to a size that is compiled already, if one is near enough: compiling takes
    far longer than answering.
    """
    import jax

    trained = model.trainable_variables
    others = model.non_trainable_variables
    program = jax.jit(
        lambda first, rest, inputs: model.stateless_call(first, rest, inputs, training=False)[0]
    )
    sizes: set[int] = set()

    def ask(batch: np.ndarray) -> Any:
        count = len(batch)
        near = [size for size in sizes if count <= size <= SLACK * count]
        size = min(near, default=count)
        sizes.add(size)
        if size > count:
            batch = np.concatenate([batch, np.repeat(batch[:1], size - count, axis=0)])
        weights = [[variable.value for variable in each] for each in (trained, others)]
        return scores_of(program(*weights, batch))[:count]

    return ask
