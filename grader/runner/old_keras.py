"""Calls of Keras 1 and 2, and of TensorFlow's first versions, that are gone from those of today.

Most courses were written for Keras 2. Where what they call has only moved, or was given another
name, the old one is answered; names of files get the suffix that Keras asks for today. Of
TensorFlow 1 only what stands around a model is answered: a program of graphs and sessions leaves
nothing that can be asked (`new_forms` says so).
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

from . import imports
from .frameworks import is_installed
from .notes import note
from .old_options import OldOptions, take, taking

# Modules that Keras had -> where their names are today; the first that has a name gives it.
LAYERS = ("keras.layers",)
MOVED = {
    "layers.core": LAYERS,
    "layers.convolutional": LAYERS,
    "layers.pooling": LAYERS,
    "layers.normalization": LAYERS,
    "layers.recurrent": LAYERS,
    "layers.embeddings": LAYERS,
    "layers.advanced_activations": LAYERS,
    "layers.merge": LAYERS,
    "layers.noise": LAYERS,
    "layers.wrappers": LAYERS,
    "layers.experimental": LAYERS,
    "layers.experimental.preprocessing": LAYERS,
    "engine": ("keras", "keras.layers"),
    "engine.topology": ("keras", "keras.layers"),
    "engine.training": ("keras",),
    "optimizers.legacy": ("keras.optimizers",),
    "utils.np_utils": ("keras.utils",),
    "utils.vis_utils": ("keras.utils",),
    "utils.generic_utils": ("keras.utils",),
    "preprocessing.text": ("keras.src.legacy.preprocessing.text",),
}
ROOTS = ("keras", "tensorflow.keras", "tensorflow.python.keras")
OTHER_NAMES = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "maxnorm": "max_norm"}
OPTIMIZERS = ("SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam")
PICTURES = ("ImageDataGenerator", "NumpyArrayIterator", "DirectoryIterator")
# Of a fit: how batches are fetched changes nothing of what is learned.
FETCHING = ("workers", "use_multiprocessing", "max_queue_size", "max_q_size")
FIT = OldOptions(
    renamed={"nb_epoch": "epochs", "samples_per_epoch": "steps_per_epoch"}, dropped=FETCHING
)
CHECKPOINT = OldOptions(dropped=("period",))
TENSORBOARD = OldOptions(dropped=("write_grads", "batch_size", "embeddings_layer_names"))
LAYER_OPTIONS = {
    "Dense": OldOptions(renamed={"output_dim": "units", "init": "kernel_initializer"}),
    "Dropout": OldOptions(renamed={"p": "rate"}),
    "Embedding": OldOptions(renamed={"init": "embeddings_initializer"}, dropped=("dropout",)),
}
WEIGHTS = ".weights.h5"
MODELS = (".keras", ".h5", ".hdf5")
# Of TensorFlow 1 -> what answers it in `tensorflow`.
TENSORFLOW = {
    "set_random_seed": "random.set_seed",
    "ConfigProto": "compat.v1.ConfigProto",
    "GPUOptions": "compat.v1.GPUOptions",
    "Session": "compat.v1.Session",
    "logging": "compat.v1.logging",
    "app": "compat.v1.app",
    "global_variables_initializer": "compat.v1.global_variables_initializer",
}
SUMMARIES = ("scalar", "image", "histogram", "text", "audio", "write")


def prepare() -> None:
    """Give old calls back once Keras and TensorFlow are imported."""
    imports.after_import("keras.src.optimizers.optimizer", old_optimizers)
    imports.after_import("keras", old_models)
    imports.after_import("keras._tf_keras.keras.layers", old_places)
    imports.after_import("keras.layers", old_places)
    imports.after_import("keras.backend", old_backend)
    imports.after_import("keras.preprocessing.image", old_pictures)
    imports.after_import("tensorflow", old_tensorflow)
    for name in ("tensorflow.summary", "tensorflow._api.v2.summary"):  # Keras imports it again
        imports.after_import(name, without_tensorboard)
    for name, places in MOVED.items():
        for root in ROOTS:
            imports.stand_in(f"{root}.{name}", functools.partial(fill_from, places))


def fill_from(places: tuple[str, ...], module: ModuleType) -> None:
    """Give a module of before whatever of it is somewhere else today."""

    def found(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for place in places:
            value = getattr(importlib.import_module(place), OTHER_NAMES.get(name, name), None)
            if value is not None:
                note(f"{module.__name__} has moved: what was in it is in {place} now")
                return value
        raise AttributeError(f"Keras has no {name} any more, which was in {module.__name__}")

    module.__dict__["__getattr__"] = found


# Models.


def old_models(keras: Any) -> None:
    """Give models, metrics, layers and callbacks what they once had."""
    model = keras.Model
    model.fit = taking(model.fit, FIT, "fit")
    model.fit_generator = calling("fit", "fit_generator")
    model.evaluate_generator = calling("evaluate", "evaluate_generator")
    model.predict_generator = calling("predict", "predict_generator")
    model.predict_proba = calling("predict", "predict_proba")
    model.predict_classes = predict_classes
    take(keras.callbacks.TensorBoard, TENSORBOARD)
    take(keras.callbacks.ModelCheckpoint, CHECKPOINT)
    keras.callbacks.ModelCheckpoint.__init__ = with_suffix(keras.callbacks.ModelCheckpoint.__init__)
    for name, old in LAYER_OPTIONS.items():
        take(getattr(keras.layers, name), old)
    if not hasattr(keras.metrics.Metric, "reset_states"):
        keras.metrics.Metric.reset_states = lambda self: self.reset_state()
    for name in ("CuDNNLSTM", "CuDNNGRU"):
        setattr(keras.layers, name, getattr(keras.layers, OTHER_NAMES[name]))
    keras.constraints.maxnorm = keras.constraints.max_norm
    for name in OPTIMIZERS:
        setattr(keras.optimizers, name.lower(), getattr(keras.optimizers, name))
    for method in ("save_weights", "load_weights"):
        setattr(model, method, finding_files(getattr(model, method)))


def old_places(layers: Any) -> None:
    """Give layers back the place where new ones were tried out: `layers.experimental`."""
    if not hasattr(layers, "experimental"):
        layers.experimental = SimpleNamespace(preprocessing=layers)


def calling(new: str, old: str) -> Callable[..., Any]:
    """Return a method that stands for one of another name, how batches are fetched left out."""

    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        note(f"Keras' `{old}` is `{new}` now")
        kept = {name: value for name, value in options.items() if name not in FETCHING}
        if "generator" in kept:
            arguments = (kept.pop("generator"), *arguments)
        if new == "fit" and len(arguments) > 1:  # the number of steps was the second one
            kept.setdefault("steps_per_epoch", arguments[1])
            kept.update(zip(("epochs", "verbose"), arguments[2:4], strict=False))
            arguments = arguments[:1]
        return getattr(self, new)(*arguments, **kept)

    return method


def predict_classes(self: Any, x: Any, *arguments: Any, **options: Any) -> Any:
    """Return the likeliest class of each row, as `predict_classes` did."""
    note("Keras' `predict_classes(x)` is `predict(x).argmax(axis=-1)` now")
    answer = self.predict(x, *arguments, **options)
    return answer.argmax(axis=-1) if answer.shape[-1] > 1 else (answer > 0.5).astype("int32")


# Files: Keras 3 takes names with certain suffixes alone.


def with_suffix(begin: Callable[..., None]) -> Callable[..., None]:
    """Let checkpoints be named without the suffix that Keras asks for; the file gets it."""

    @functools.wraps(begin)
    def changed(self: Any, filepath: Any, *arguments: Any, **options: Any) -> None:
        only_weights = options.get("save_weights_only", False)
        path = os.fspath(filepath)
        named = weights_file(path) if only_weights else model_file(path)
        begin(self, named, *arguments, **options)

    return changed


def weights_file(path: str) -> str:
    """Return a path that Keras writes weights to."""
    return path if path.endswith(WEIGHTS) else path + WEIGHTS


def model_file(path: str) -> str:
    """Return a path that checkpoints of whole models are written to."""
    return path if path.endswith(MODELS[:2]) else path + MODELS[0]


def finding_files(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return `save_weights` or `load_weights`, for names of before as well."""

    @functools.wraps(method)
    def changed(self: Any, filepath: Any, *arguments: Any, **options: Any) -> Any:
        path = os.fspath(filepath)
        if method.__name__ == "save_weights":
            return method(self, weights_file(path), *arguments, **options)
        for written in (path, path + WEIGHTS, path + MODELS[0]):
            if os.path.isfile(written):
                path = written
                break
        return method(self, path, *arguments, **options)

    return changed


# Optimizers, the backend, pictures.


def old_optimizers(module: Any) -> None:
    """Let optimizers take `lr` for `learning_rate`, have it as an attribute, and leave `decay`."""

    def take_old_names(cls: Any, **_: Any) -> None:
        begin = cls.__init__

        @functools.wraps(begin)
        def changed(self: Any, *arguments: Any, **options: Any) -> None:
            if "lr" in options:
                options["learning_rate"] = options.pop("lr")
                note("Keras' optimizers call `lr` `learning_rate` now")
            if options.pop("decay", None):
                note("Keras' optimizers have no `decay` any more: it was left out")
            begin(self, *arguments, **options)

        cls.__init__ = changed

    def rate(self: Any) -> Any:
        return self.learning_rate

    def set_rate(self: Any, value: Any) -> None:
        self.learning_rate = value

    module.Optimizer.__init_subclass__ = classmethod(take_old_names)  # type: ignore[arg-type]
    module.Optimizer.lr = property(rate, set_rate)


def old_backend(module: Any) -> None:
    """Give `keras.backend` the functions of arrays that `tensorflow.keras.backend` still has."""

    def found(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        legacy = importlib.import_module("keras.src.legacy.backend")
        if name in ("set_session", "tensorflow_backend"):
            return lambda *_, **__: None
        return getattr(legacy, name)

    module.__getattr__ = found


def old_pictures(module: Any) -> None:
    """Give `keras.preprocessing.image` the generators that `tensorflow.keras` still has."""
    legacy = importlib.import_module("keras.src.legacy.preprocessing.image")
    for name in PICTURES:
        if not hasattr(module, name):
            setattr(module, name, getattr(legacy, name))


# TensorFlow.


def old_tensorflow(tensorflow: Any) -> None:
    """Give what stood around models of TensorFlow 1."""
    for old, new in TENSORFLOW.items():
        if not hasattr(tensorflow, old):
            setattr(tensorflow, old, functools.reduce(getattr, new.split("."), tensorflow))
    for name in ("enable_eager_execution", "enable_v2_behavior"):
        if not hasattr(tensorflow, name):
            setattr(tensorflow, name, lambda *_, **__: None)


def without_tensorboard(summary: Any) -> None:
    """Let summaries be written nowhere where TensorBoard, which writes them, is not installed."""
    if is_installed("tensorboard"):
        return
    for name in SUMMARIES:
        setattr(summary, name, lambda *_, **__: True)
