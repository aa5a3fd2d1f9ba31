"""The frameworks of a box: which there are, which one Keras computes with, their seeds, threads and
versions.
"""

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
    *(
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
    ),
    *("PIL", "tqdm"),
)
IMAGE_OPTIONS = {
    "torchvision": "torch"
}  # package -> what `grader image build --frameworks` calls it
BROUGHT_ALONG: set[str] = set()  # frameworks that another one imported, not the submission
PACKAGES = {"tensorflow": "tensorflow-cpu"}  # module -> what pip calls it


def prepare(seed: int) -> None:
    """Choose the backend of Keras and seed each framework once it is imported. Called before any
    learner's code.
    """
    backend = next((name for name in BACKENDS if is_installed(name)), None)
    if backend is not None:
        os.environ.setdefault("KERAS_BACKEND", backend)
    imports.after_import("torch", lambda torch: torch.manual_seed(seed))
    imports.after_import("tensorflow", lambda tensorflow: tensorflow.random.set_seed(seed))
    for name in NAMES:
        imports.after_import(
            name, lambda module: BROUGHT_ALONG.update(brought_along(module.__name__))
        )
    # Keras draws its seeds from Python's `random`, which is seeded; JAX is given its keys by the
    # learner.


def is_installed(name: str) -> bool:
    """Whether a top-level module could be imported, without importing it."""
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def settle(threads: int) -> None:
    """Let PyTorch use so many threads from now on; TensorFlow and XLA keep the pools that the
    environment sized.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)


def report() -> list[str]:
    """Return names and values in turn: the frameworks that are imported, and their versions."""
    loaded = sys.modules
    there = [
        name
        for name in NAMES
        if name in loaded and name not in BROUGHT_ALONG - {backend_of_keras()}
    ]
    texts = ["framework", " ".join(there) or "numpy"]
    for name in ("numpy", *there):
        texts += [name, version(loaded[name])]
    return texts


def version(module: ModuleType) -> str:
    """Return a module's version; for Keras with what it computes."""
    text = str(getattr(module, "__version__", ""))
    return (
        f"{text} on {backend_of_keras()}"
        if module.__name__ == "keras" and backend_of_keras()
        else text
    )


def backend_of_keras() -> str:
    """Return what Keras computes with; empty where it is not imported."""
    config: Any = getattr(sys.modules.get("keras"), "config", None)
    return str(config.backend()) if hasattr(config, "backend") else ""


def brought_along(name: str) -> set[str]:
    """Return {name} if another framework imports this one right now, else nothing. Called from
    within its import.
    """
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
            return {name} if top in NAMES and name != "keras" else set()
        frame = frame.f_back  # type: ignore[assignment]
    return set()


def missing(name: str) -> str:
    """Say that a module cannot be imported, what the box has, and how a framework gets into it."""
    top = name.partition(".")[0]
    there = ", ".join(each for each in WORTH_NAMING if is_installed(each))
    said = f"No module named {name!r}: this box has {there}, and the files of the submission."
    if top in NAMES or top in IMAGE_OPTIONS:
        option, package = IMAGE_OPTIONS.get(top, top), PACKAGES.get(top, top)
        options = ",".join(
            [*(each for each in NAMES if is_installed(each) and each != option), option]
        )
        said += (
            f" To have {top} here, whoever runs the grader builds an image with `grader image build "
            f"--frameworks {options}`, or without containers says `pip install {package}`."
        )
    return said
