"""Traces trainings: hooks in PyTorch, Keras and TensorFlow that fill the current `Training`.

Nothing here changes what a learner's code computes, and what cannot be looked at is left alone. A
training must not get slower either, for its time is limited: a hook takes a number or a reference
and returns. Noting a step of PyTorch costs some 1.2 us of processor time, a call of `data.log` some
1 us (python -m benchmarks.losses). Whatever is dear waits for the end of the training: rows of
pipelines (`fed`), losses that lie on an accelerator (`curve`), the search for the model among all
living objects, which is done once an optimizer (`networks.models_with`).
"""

from __future__ import annotations

from . import imports
from .trace_jax import watch_jax
from .trace_keras import watch_keras, watch_model_files, watch_tokenizer
from .trace_sklearn import watch_sklearn
from .trace_tensorflow import watch_tensorflow
from .trace_torch import watch_torch
from .training_trace import Training, begin


def install() -> None:
    """Watch the frameworks from their import on. Called before any learner's code."""
    begin(Training())
    imports.after_import("torch", watch_torch)
    imports.after_import("keras", watch_keras)
    imports.after_import("keras.src.saving.saving_api", watch_model_files)
    imports.after_import("keras.src.legacy.preprocessing.text", watch_tokenizer)
    imports.after_import("tensorflow", watch_tensorflow)
    imports.after_import("sklearn.base", watch_sklearn)
    imports.after_import("jax", watch_jax)


def trace_script(folder: str = "") -> Training:
    """Return a fresh trace that fills as the script in this folder trains."""
    training = begin(Training(of_script=True, folder=folder))
    imports.after_import("torch", watch_torch)
    return training
