"""Processes that a submission starts afresh, with the methods spawn and forkserver.

A process that is forked has everything its parent has. One that is spawned is a new Python which
imports the submission's file once more, as `__mp_main__`, and knows nothing of a runner: there,
`datasets.MNIST(...)` at the top of a script would look for a network. So what multiprocessing tells
such a child first (`spawn.get_preparation_data`) brings one more value. Reading it runs
`spawned_child.py` in the child, before the submission's file: the same loaders are installed there,
over the same data.

The data go through one file in the box's temporary folder, which children map into their memory:
those who only read share the parent's pages, and one who never loads data pays nothing.
"""

from __future__ import annotations

import os
import pickle
import runpy
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from . import given_data, imports, loaders, published_files, source_text, without_gpu

HERE = Path(__file__).resolve().parent
KEY = "grader"  # in what multiprocessing tells a child; nobody reads it there
SETTINGS: dict[str, Any] = {}  # what a child needs: seed, folder, file, name


class Beginning:
    """What a child reads first: reading it installs the loaders there."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, dict[str, Any]]]:
        return runpy.run_path, (str(HERE / "spawned_child.py"), {"TOLD": self.told})


def watch(seed: int) -> None:
    """Change what multiprocessing tells new processes, once it is imported."""
    SETTINGS.clear()
    SETTINGS["seed"] = seed
    imports.after_import("multiprocessing.spawn", tell_children)


def of_submission(folder: Path, file: str, name: str) -> None:
    """Remember which file a child has to find, and under which name functions of it travel."""
    SETTINGS.update(folder=str(folder), file=file, name=name)


def tell_children(module: Any) -> None:
    """Let multiprocessing tell children how to begin."""
    if hasattr(module.get_preparation_data, "of_grader"):
        return
    prepare = module.get_preparation_data

    def get_preparation_data(name: str) -> dict[str, Any]:
        return with_beginning(prepare(name))

    get_preparation_data.of_grader = True  # type: ignore[attr-defined]
    module.get_preparation_data = get_preparation_data


def with_beginning(told: dict[str, Any]) -> dict[str, Any]:
    """Return what multiprocessing tells a child, with what installs the loaders before it."""
    if told.get("init_main_from_path") == str(HERE / "__main__.py"):
        del told["init_main_from_path"]  # our own file is not what the submission began with
    if "folder" not in SETTINGS:
        return told
    settings = {name: SETTINGS[name] for name in ("seed", "folder", "file", "name")}
    return {KEY: Beginning(settings | {"data": data_folder()}), **told}


def children() -> list[Any]:
    """Return the processes that the submission started by itself and that still run.

    Those that load data for PyTorch are daemons, and belong to their loader.
    """
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is None:
        return []
    return [each for each in multiprocessing.active_children() if not each.daemon]


def await_children() -> None:
    """Wait for what a script started, as Python does at the end of every program."""
    for child in children():
        child.join()


def end_children() -> None:
    """End what still trains in other processes when the training is over."""
    for child in children():
        child.terminate()
        child.join()


def data_folder() -> str:
    """Return the folder with what loaders give, written once for each data; empty without data."""
    if not given_data.GIVEN:
        return ""
    given = given_data.given()
    known = SETTINGS.get("written")
    if known is not None and known[0] == id(given):
        return str(known[1])
    folder = Path(tempfile.mkdtemp(prefix="given-"))
    rest = {"dataset": given.dataset, "pass_rows": given.pass_rows, "labels": given.labels}
    if isinstance(given.inputs, np.ndarray):
        np.save(folder / "inputs.npy", given.inputs)
    else:
        rest["inputs"] = given.inputs
    (folder / "rest").write_bytes(pickle.dumps(rest | {"text": published_files.TEXT}))
    SETTINGS["written"] = (id(given), str(folder))
    return str(folder)


def begin(told: dict[str, Any]) -> None:
    """In a child: install what the parent has. Called before the submission's file is imported."""
    folder = Path(told["folder"])
    loaders.install(told["seed"])
    SETTINGS.update(told)
    imports.FOLDER[0] = str(folder)
    without_gpu.prepare(folder)
    if told["name"] != "__main__":
        imports.stand_in(told["name"], run_submission)
    if not told["data"]:
        return
    rest = pickle.loads((Path(told["data"]) / "rest").read_bytes())
    inputs = rest.get("inputs")
    if inputs is None:
        # Copied where it is written to: PyTorch makes no tensors of what can't be written.
        inputs = np.load(Path(told["data"]) / "inputs.npy", mmap_mode="c")
    given = given_data.give(inputs, rest["labels"], rest["dataset"], rest["pass_rows"])
    published_files.TEXT[:] = rest["text"]
    SETTINGS["written"] = (id(given), told["data"])


def run_submission(module: ModuleType) -> None:
    """Make the module that functions of the submission are looked for in."""
    path = Path(SETTINGS["folder"]) / SETTINGS["file"]
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    os.chdir(SETTINGS["folder"])
    source_text.run(source_text.read_source(path), path, module.__dict__)
