"""How a submission is found and run: its functions, its `train(data)`, its `load(folder)`.

What a trained model is asked depends on the exam: classifier.py, generator.py, language.py and
regressor.py each return the `Ways` in which it answers.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from . import imports, spawned, without_gpu
from .frames import Kind, Trouble
from .kept_names import names_in
from .networks import is_model, outermost
from .problem import Problem, explain
from .script import is_script
from .source_text import read_source, run
from .time_up import CLOCK, TimeIsUp
from .training_trace import current
from .values import Travelling, describe, travelling

MODULE_NAME = "solution"
ASKED_OF_MODELS = frozenset({Kind.PREDICT, Kind.SAMPLE, Kind.CONTINUE})
Ways = dict[Kind, Callable[[Any], np.ndarray]]  # how a trained model answers each kind of request


@dataclass
class Loaded:
    """An imported submission."""

    folder: Path
    file: str
    module: ModuleType
    script: bool = False  # run at training time, not imported

    def function(self, name: str) -> Callable[..., Any] | None:
        """Return what the submission defines under a name, if it can be called."""
        found = getattr(self.module, name, None)
        return found if callable(found) else None


def load(ask: dict[str, Any]) -> Loaded:
    """Import the submission's file; a script is only looked at, it runs when there is data.

    Its folder comes last on the search path, so that its files hide no library.
    """
    folder = Path(ask["folder"])
    imports.FOLDER[0] = str(folder)
    without_gpu.prepare(folder)
    path = folder / ask["file"]
    os.chdir(folder)
    sys.path.append(str(folder))
    source = read_source(path)
    if ask["way"] == "model" and is_script(source):
        spawned.of_submission(folder, ask["file"], "__main__")
        return Loaded(folder, ask["file"], ModuleType("__main__"), script=True)
    spawned.of_submission(folder, ask["file"], MODULE_NAME)
    spec = importlib.util.spec_from_file_location(MODULE_NAME, path)
    if spec is None or spec.loader is None:
        raise Problem(Trouble.NOT_IMPORTABLE, f"{ask['file']} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE_NAME] = module
    try:
        run(source, path, module.__dict__)
    except SystemExit as ending:
        if ending.code not in (None, 0):
            raise
    except (SyntaxError, ImportError) as error:
        raise Problem(
            Trouble.NOT_IMPORTABLE, f"{ask['file']} cannot be imported: {explain(error)[1]}"
        ) from None
    return Loaded(folder, ask["file"], module)


def call(loaded: Loaded, ask: dict[str, Any], arguments: list[Any]) -> list[Travelling]:
    """Call one function and return its values, one for each name that the task gives them."""
    name = ask["function"]
    wanted = ask["returns"]
    function = loaded.function(name)
    if function is None:
        raise Problem(Trouble.NOT_DEFINED, f"{loaded.file} has no function {name}()")
    values = values_of(function(*arguments), name, wanted)
    return [travelling(value, name, label) for value, label in zip(values, wanted, strict=True)]


def values_of(result: Any, name: str, wanted: Sequence[str]) -> list[Any]:
    """Return the values of a function in the order in which the task names them.

    Several may come as a tuple, a list or a dict. Problem where some are missing.
    """
    if len(wanted) == 1:
        return [result.get(wanted[0], result) if isinstance(result, dict) else result]
    if isinstance(result, dict):
        missing = [key for key in wanted if key not in result]
        if missing:
            raise Problem(
                Trouble.WRONG_TYPE,
                f"{name}() returned a dict without {', '.join(map(repr, missing))}",
            )
        return [result[key] for key in wanted]
    is_row = isinstance(result, tuple | list)
    if is_row and len(result) == len(wanted):
        return list(result)
    found = f"{describe(result)} of {len(result)}" if is_row else describe(result)
    raise Problem(
        Trouble.WRONG_TYPE,
        f"{name}() returned {found}; expected {len(wanted)} values: {', '.join(wanted)}",
    )


def trained(loaded: Loaded, train: Callable[..., Any], data: Any) -> Any:
    """Return what train(data) returns, or what it was training when its time was over."""
    try:
        return train(data)
    except TimeIsUp as stopped:
        CLOCK.end()
        inner = names_in(stopped.__traceback__, f"{loaded.folder}{os.sep}")
        return network_in_training(inner, loaded.file)
    finally:
        CLOCK.end()


def network_in_training(names: dict[str, Any], file: str) -> Any:
    """Return the network among the variables of functions that were stopped; Problem if none is.

    Attributes of their objects count as well: many programs train `self.model`.
    """
    attributes: dict[str, Any] = {}
    for value in names.values():
        attributes |= getattr(value, "__dict__", None) or {}
    named = {name: value for name, value in (attributes | names).items() if is_model(value)}
    networks = outermost(list(named.values()))
    for name in ("model", "net", "network"):
        if any(named.get(name) is each for each in networks):
            return named[name]
    if networks:
        return networks[-1]
    raise Problem(
        Trouble.TIME_UP,
        f"train() in {file} was not finished within {CLOCK.seconds:.0f} s, and holds no network of "
        "PyTorch or Keras that could be taken as it stands. Train for fewer epochs, or return "
        "earlier",
    )


def train_or_load(loaded: Loaded, data: Any) -> Any:
    """Return what the submission's `train(data)` or `load(folder)` returns."""
    train = loaded.function("train")
    load_weights = loaded.function("load")
    if train is not None:
        model = trained(loaded, train, data)
        current().account.close(model)
        return model
    if load_weights is not None:
        return load_weights(str(loaded.folder))
    raise Problem(
        Trouble.NOT_DEFINED,
        f"{loaded.file} has no train(data); this task calls train(data) and asks the model",
    )
