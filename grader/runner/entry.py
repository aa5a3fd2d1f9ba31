"""How a submission is found and run: its functions, its `train(data)`, its `load(folder)`.

Whatever it hands back is turned into plain arrays here, so that only numbers and texts travel. What
a trained model is asked depends on the exam: classifier.py, generator.py, language.py.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from . import frames, training_trace
from .frames import Kind, Trouble
from .problem import Problem, explain
from .script import is_script

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
        found = getattr(self.module, name, None)
        return found if callable(found) else None


def load(ask: dict[str, Any]) -> Loaded:
    """Import the submission's file; a script is only looked at, it runs when there is data.

    Its folder comes last on the search path, so that it shadows no library.
    """
    folder = Path(ask["folder"])
    path = folder / ask["file"]
    os.chdir(folder)
    sys.path.append(str(folder))
    if ask["way"] == "model" and is_script(path.read_text("utf-8", "replace")):
        return Loaded(folder, ask["file"], ModuleType("__main__"), script=True)
    spec = importlib.util.spec_from_file_location(MODULE_NAME, path)
    if spec is None or spec.loader is None:
        raise Problem(Trouble.NOT_IMPORTABLE, f"{ask['file']} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE_NAME] = module
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ImportError) as error:
        raise Problem(
            Trouble.NOT_IMPORTABLE, f"{ask['file']} does not import: {explain(error)[1]}"
        ) from None
    return Loaded(folder, ask["file"], module)


def call(
    loaded: Loaded, ask: dict[str, Any], arguments: list[Any]
) -> list[tuple[np.ndarray | list[str], bool]]:
    """Call one function and return its values as (array or texts, was a Python scalar), one for
    each name.
    """
    name, wanted = ask["function"], ask["returns"]
    function = loaded.function(name)
    if function is None:
        raise Problem(Trouble.NOT_DEFINED, f"{loaded.file} has no function {name}()")
    result = function(*arguments)
    if len(wanted) == 1:
        values = [result.get(wanted[0], result)] if isinstance(result, dict) else [result]
    elif isinstance(result, dict):
        missing = [key for key in wanted if key not in result]
        if missing:
            raise Problem(
                Trouble.WRONG_TYPE,
                f"{name}() returned a dict without {', '.join(map(repr, missing))}",
            )
        values = [result[key] for key in wanted]
    elif isinstance(result, tuple | list) and len(result) == len(wanted):
        values = list(result)
    else:
        size = f" of {len(result)}" if isinstance(result, tuple | list) else ""
        found = f"{describe(result)}{size}"
        raise Problem(
            Trouble.WRONG_TYPE,
            f"{name}() returned {found}; expected {len(wanted)} values: {', '.join(wanted)}",
        )
    return [travelling(value, name, label) for value, label in zip(values, wanted, strict=True)]


def travelling(value: Any, function: str, label: str) -> tuple[np.ndarray | list[str], bool]:
    """Return a value as something that can travel, and whether it was a Python number or one
    text.
    """
    if isinstance(value, str):
        return [value], True
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return value, False
    scalar = isinstance(value, bool | int | float)
    array = as_array(value)
    if array is None or array.dtype not in frames.CODES:
        detail = "" if array is None else f" of dtype {array.dtype}"
        raise Problem(
            Trouble.WRONG_TYPE,
            f"{function}() returned {describe(value)}{detail} for {label}; expected a NumPy array of numbers",
        )
    if array.ndim > frames.MAX_DIMENSIONS:
        raise Problem(
            Trouble.WRONG_TYPE,
            f"{function}() returned an array of {array.ndim} dimensions for {label}",
        )
    return array, scalar


def as_array(value: Any) -> np.ndarray | None:
    """Return NumPy's view of an array, tensor, number or nested list of numbers; None if it is none
    of these.
    """
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        value = value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.numpy()
    if isinstance(value, dict | set | str | bytes) or value is None:
        return None
    try:
        array = np.asarray(value)
    except Exception:
        return None
    if array.dtype.name == "bfloat16":  # JAX's and TensorFlow's; NumPy has none
        array = array.astype(np.float32)
    native = array.dtype.newbyteorder("=")
    return array.astype(native, copy=False) if array.dtype != object else None


def describe(value: Any) -> str:
    """Say what a value is, shortly: its type, and its shape where it has one."""
    if value is None:
        return "None"
    shape = getattr(value, "shape", None)
    name = type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" or name == "ndarray" else "a"
    return f"{article} {name}" + (f" of shape {tuple(shape)}" if isinstance(shape, tuple) else "")


def train_or_load(loaded: Loaded, data: Any) -> Any:
    """Return what the submission's `train(data)` or `load(folder)` returns."""
    train, load_weights = loaded.function("train"), loaded.function("load")
    if train is not None:
        model = train(data)
        training_trace.CURRENT[0].account.close(model)
        return model
    if load_weights is not None:
        return load_weights(str(loaded.folder))
    raise Problem(
        Trouble.NOT_DEFINED,
        f"{loaded.file} has no train(data); this task calls train(data) and asks the model",
    )


def as_form(answer: Any, shape: tuple[int, ...], dtype: Any, what: str) -> np.ndarray:
    """Return an answer as a C-ordered array of exactly this shape and dtype; only a change of
    number type is made.

    Floats are never rounded to whole numbers, and numbers outside the range of `dtype` are refused.
    """
    array = as_array(answer[0] if isinstance(answer, tuple) and answer else answer)
    if array is None or array.dtype not in frames.CODES:
        raise Problem(
            Trouble.WRONG_TYPE, f"the model answered with {describe(answer)}; expected {what}"
        )
    whole = np.issubdtype(dtype, np.integer)
    if array.shape != shape or (whole and not np.issubdtype(array.dtype, np.integer)):
        found = f"shape {array.shape} ({array.dtype})"
        raise Problem(Trouble.WRONG_TYPE, f"the model answered with {found}; expected {what}")
    if (
        whole
        and array.size
        and (array.min() < np.iinfo(dtype).min or array.max() > np.iinfo(dtype).max)
    ):
        found = f"numbers from {array.min()} to {array.max()}"
        raise Problem(Trouble.WRONG_TYPE, f"the model answered with {found}; expected {what}")
    return np.ascontiguousarray(array, dtype=dtype)
