"""The frameworks of a box: which are installed, their seeds, threads and versions."""

from __future__ import annotations

import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

from . import imports

NAMES = ("torch", "tensorflow", "keras", "jax")
BACKENDS = ("tensorflow", "torch", "jax")  # for Keras, the first that is installed
WORTH_NAMING = (
    "numpy",
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "jax",
    "pandas",
    "scipy",
    "sklearn",
    "matplotlib",
    "PIL",
    "tqdm",
)
# package -> what `grader image build --frameworks` calls it
IMAGE_OPTIONS = {"torchvision": "torch"}
PACKAGES = {"tensorflow": "tensorflow-cpu"}  # module -> what pip calls it
BROUGHT_ALONG: set[str] = set()  # frameworks that another one imported, not the submission


def prepare(seed: int) -> None:
    """Choose the backend of Keras and seed each framework once it is imported.

    Called before any learner's code. Keras draws its seeds from Python's `random`, which is seeded
    too; JAX is given its keys by the learner.
    """
    installed = [name for name in BACKENDS if is_installed(name)]
    if installed:
        os.environ.setdefault("KERAS_BACKEND", installed[0])
    imports.after_import("torch", lambda torch: torch.manual_seed(seed))
    imports.after_import("tensorflow", lambda tensorflow: tensorflow.random.set_seed(seed))
    for name in NAMES:
        imports.after_import(name, note_if_brought_along)


def is_installed(name: str) -> bool:
    """Whether a top-level module could be imported, without importing it; stand-ins don't count."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return name in sys.modules
    return spec is not None and not isinstance(spec.loader, imports.StandIns)


def settle(threads: int) -> None:
    """Let PyTorch use this many threads from now on.

    TensorFlow and XLA keep the pools that the environment sized: they cannot be changed later.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)


def report() -> list[str]:
    """Return names and values in turn: the frameworks that are imported, and their versions."""
    hidden = BROUGHT_ALONG - {backend_of_keras()}
    shown = [name for name in NAMES if name in sys.modules and name not in hidden]
    texts = ["framework", " ".join(shown) or "numpy"]
    for name in ("numpy", *shown):
        texts += [name, version(sys.modules[name])]
    return texts


def version(module: ModuleType) -> str:
    """Return a module's version; of Keras also what it computes with."""
    text = str(getattr(module, "__version__", ""))
    backend = backend_of_keras()
    if module.__name__ == "keras" and backend:
        return f"{text} on {backend}"
    return text


def backend_of_keras() -> str:
    """Return what Keras computes with; empty where it is not imported."""
    config: Any = getattr(sys.modules.get("keras"), "config", None)
    return str(config.backend()) if hasattr(config, "backend") else ""


def note_if_brought_along(module: ModuleType) -> None:
    """Remember a framework that another one imports right now; called from within its import.

    Keras, for one, imports TensorFlow. Whether the submission itself asked for an import shows on
    the stack: the nearest code that is not import machinery.
    """
    name = module.__name__
    importer = importer_of(name)
    if importer in NAMES and name != "keras":
        BROUGHT_ALONG.add(name)


def importer_of(name: str) -> str:
    """Return the top-level package that imports this one right now; empty if it is nobody's."""
    passed = {
        name,
        "importlib",
        "_frozen_importlib",
        "_frozen_importlib_external",
        __name__.partition(".")[0],
    }
    frame = sys._getframe()
    while frame is not None:
        top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if top not in passed:
            return top
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def missing(name: str) -> str:
    """Say that a module cannot be imported, what the box has, and how a framework gets into it."""
    top = name.partition(".")[0]
    installed = ", ".join(each for each in WORTH_NAMING if is_installed(each))
    said = f"No module named {name!r}: this box has {installed}, and the submission's own files."
    if top not in NAMES and top not in IMAGE_OPTIONS:
        return said
    option = IMAGE_OPTIONS.get(top, top)
    options = [each for each in NAMES if is_installed(each)]
    if option in options:
        options.remove(option)
    options.append(option)
    return (
        f"{said} To make {top} available, whoever runs the grader can build an image with "
        f"`grader image build --frameworks {','.join(options)}`, or run "
        f"`pip install {PACKAGES.get(top, top)}` where no containers are used."
    )
