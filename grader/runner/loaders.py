"""Answers the loaders that tutorials use with the task's training data.

`torchvision.datasets.MNIST(...)`, `keras.datasets.mnist.load_data()`, `load_dataset("imdb")` and
scikit-learn's `load_digits()` are answered from memory with what `given_data` holds; nothing is
downloaded, and no file with hidden examples is read. The modules are changed right after they are
imported (`imports`), so a script that never asks for a data set pays nothing, and what answers is
imported only then.
"""

from __future__ import annotations

from types import ModuleType

from . import (
    frameworks,
    harmless,
    imports,
    old_calls,
    old_keras,
    old_tensorflow,
    shell,
    sklearn_loaders,
    tracing,
    well_known,
)

TORCHTEXT = (
    "torchtext",
    "torchtext.data",
    "torchtext.data.utils",
    "torchtext.data.functional",
    "torchtext.datasets",
    "torchtext.vocab",
    "torchtext.legacy",
    "torchtext.legacy.data",
    "torchtext.legacy.datasets",
)
KERAS_MODULES = (
    "mnist",
    "fashion_mnist",
    "cifar10",
    "cifar100",
    "imdb",
    "reuters",
    "boston_housing",
    "california_housing",
)


def install(seed: int) -> None:
    """Watch imports for seeds, loaders and training traces. Called before any learner's code."""
    imports.install()
    shell.install()
    frameworks.prepare(seed)
    imports.after_import("torchvision.extension", declare_torchvision_operators)
    for name in ("mnist", "cifar"):
        imports.after_import(f"torchvision.datasets.{name}", answer_torchvision)
    for name in KERAS_MODULES:
        imports.after_import(f"keras.src.datasets.{name}", answer_keras)
    imports.after_import("datasets", answer_load_dataset)
    imports.stand_in("datasets", answer_load_dataset)
    for name in ("tensorflow_datasets", "tfds"):
        imports.after_import(name, answer_tfds)
    imports.stand_in("tensorflow_datasets", answer_tfds)
    for name in TORCHTEXT:
        imports.stand_in(name, answer_torchtext)
    imports.after_import("torch.utils.data", shorten_loaders)
    sklearn_loaders.watch()
    old_tensorflow.watch()
    well_known.watch()
    harmless.install()
    old_calls.prepare()
    old_keras.prepare()
    tracing.install()


def answer_tfds(module: ModuleType) -> None:
    """Let `tensorflow_datasets.load` give the task's data."""
    from . import tfds_loaders

    tfds_loaders.answer(module)


def answer_torchtext(module: ModuleType) -> None:
    """Fill a module of torchtext, which no PyTorch of today can load."""
    from . import torchtext_stand_in

    torchtext_stand_in.fill(module)


def shorten_loaders(module: ModuleType) -> None:
    """Let PyTorch's loaders end their passes early in a rehearsal."""
    from . import short_passes

    short_passes.shorten_loaders(module)


def declare_torchvision_operators(module: ModuleType) -> None:
    """Let torchvision import without its compiled part."""
    from . import torchvision_loaders

    torchvision_loaders.declare_operators(module)


def answer_torchvision(module: ModuleType) -> None:
    """Let the classes of a module of torchvision.datasets give the task's data."""
    from . import torchvision_loaders

    torchvision_loaders.answer(module)


def answer_keras(module: ModuleType) -> None:
    """Let `load_data()` of a module of keras.datasets give the task's data."""
    from . import keras_loaders

    keras_loaders.answer(module)


def answer_load_dataset(module: ModuleType) -> None:
    """Let `datasets.load_dataset` give the task's data, in the real package's tables if it can."""
    from . import text_loaders

    text_loaders.answer(module)
