"""Scripts and notebooks as people write them: run to the end, then searched for their model."""

from __future__ import annotations

import ast
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

from .frames import Trouble
from .networks import is_model, outermost, weights
from .problem import Problem, explain
from .tracing import trace_script
from .training_trace import Training

MODEL_NAMES = ("model", "net", "network", "classifier")
PARAMETER_NAMES = ("params", "parameters", "weights")
# Functions that may apply such parameters, those for a whole batch first.
FUNCTION_NAMES = (
    "batched_predict",
    "batch_predict",
    "predict",
    "batched_forward",
    "forward",
    "apply",
    "predict_batch",
    "forward_pass",
    "logits",
    "mlp",
    "nn",
)
# A file that mentions one of these loads its data itself: it is a script.
KNOWN_SOURCES = (
    "torchvision.datasets",
    "torchvision import datasets",
    "keras.datasets",
    "load_dataset",
    "load_digits",
    "load_diabetes",
    "fetch_openml",
)
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
POSITIONAL_OR_NAMED = (*POSITIONAL, inspect.Parameter.KEYWORD_ONLY)


def is_script(source: str) -> bool:
    """Whether a file is a script to be run, not one that defines train(data) or load(folder)."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    train = defined.get("train")
    if train is None:
        if "load" in defined:
            return not takes_one(defined["load"])
        return "train" not in names_imported(tree)
    if not takes_one(train):
        return True
    first_arguments = [each.arg for each in train.args.args][:1]
    if first_arguments == ["data"]:
        return False
    return any(name in source for name in KNOWN_SOURCES)


def names_imported(tree: ast.Module) -> set[str]:
    """Return the names that a file imports from others."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
    return names


def takes_one(function: ast.FunctionDef) -> bool:
    """Whether a function can be called with exactly one argument."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    if None in arguments.kw_defaults or required > 1:
        return False
    return positional >= 1 or arguments.vararg is not None


def run_script(
    folder: Path, file: str, names: Sequence[str] = MODEL_NAMES
) -> tuple[ModuleType, Any]:
    """Run a script as `python file` would, with the task's data behind its loaders.

    Returns its namespace as a module, and the model it leaves; `names` decide between several.
    """
    path = folder / file
    module = ModuleType("__main__")
    module.__file__ = str(path)
    module.__dict__.update(get_ipython=NoShell, display=print)
    sys.modules["__main__"] = module
    sys.argv[:] = [str(path)]
    os.chdir(folder)
    training = trace_script()
    try:
        code = compile(path.read_text("utf-8"), str(path), "exec")
        exec(code, module.__dict__)
    except SystemExit as ending:
        if ending.code not in (None, 0):
            raise
    except (SyntaxError, ImportError) as error:
        raise Problem(Trouble.NOT_IMPORTABLE, f"{file} fails: {explain(error)[1]}") from None
    model = find_model(module, file, training, names)
    training.account.close(model)
    return module, model


class NoShell:
    """Stands in for IPython's shell, which exported notebooks call for magics: it does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


@dataclass
class Parameters:
    """What a script leaves that trained a plain function: parameters, and what may apply them."""

    values: Any
    functions: list[Callable[..., Any]]


def find_model(
    module: ModuleType, file: str, training: Training, wanted: Sequence[str] = MODEL_NAMES
) -> Any:
    """Return the model that a script trained.

    It is the one that was fit or stepped, whatever it is called and wherever it lives; else the
    only one, else the one with a wanted name. Without a network of PyTorch or Keras it is a
    callable with a wanted name, or `params` and the functions beside it.
    """
    by_name = {name: value for name, value in module.__dict__.items() if is_model(value)}
    trained = trained_among(by_name, training)
    if len(trained) == 1:
        return trained[0]
    candidates = trained or outermost(list(by_name.values()))
    if not candidates:
        return plain_model(module, file, wanted)
    named = {name: value for name, value in by_name.items() if is_among(value, candidates)}
    called_as_wanted = [name for name in wanted if name in named]
    if len(called_as_wanted) == 1:
        return trained_or_refuse(named[called_as_wanted[0]], training, file)
    if len(candidates) == 1:
        return trained_or_refuse(candidates[0], training, file)
    raise ambiguous(candidates, named, file, wanted[0])


def trained_among(by_name: dict[str, Any], training: Training) -> list[Any]:
    """Return the models that were trained: of those a script leaves as globals, else of all."""
    weights_trained = training.parameters()
    here = outermost([value for value in by_name.values() if weights_trained & weights(value)])
    if here:
        return here
    fit = [fed.model for fed in training.fed if fed.whole]
    return outermost([*training.models, *fit])


def is_among(value: Any, others: list[Any]) -> bool:
    """Whether this very object is among others; models have an `==` of their own."""
    return any(value is each for each in others)


def ambiguous(candidates: list[Any], named: dict[str, Any], file: str, wanted: str) -> Problem:
    """Return what to say where several models are left and none of them stands out."""
    first_names: dict[int, str] = {}
    for name, value in named.items():
        first_names.setdefault(id(value), name)
    names = f": {', '.join(first_names.values())}" if named else " without global names"
    return Problem(
        Trouble.NOT_DEFINED,
        f"{file} leaves {len(candidates)} models{names}; which one should be graded? "
        f"Keep it as a global `{wanted}`",
    )


def plain_model(module: ModuleType, file: str, wanted: Sequence[str]) -> Any:
    """Return a model other than a network: a callable, or parameters with their functions."""
    names = module.__dict__
    parameters = first_of(names, PARAMETER_NAMES)
    if parameters is not None:
        functions: list[Callable[..., Any]] = []
        for name in (*FUNCTION_NAMES, *wanted):
            value = names.get(name)
            if is_function(value) and takes_two(value):
                functions.append(value)
        if functions:
            return Parameters(parameters, functions)
    for name in wanted:
        value = names.get(name)
        if is_function(value) or (value is not None and callable(names.get("predict"))):
            return value
    raise Problem(
        Trouble.NOT_DEFINED,
        f"{file} ran to its end and left no model; expected a global `{wanted[0]}`, "
        "or `params` with predict(params, inputs), or train(data)",
    )


def first_of(names: dict[str, Any], wanted: Sequence[str]) -> Any:
    """Return the value of the first of these names that has one, else None."""
    for name in wanted:
        if names.get(name) is not None:
            return names[name]
    return None


def is_function(value: Any) -> TypeGuard[Callable[..., Any]]:
    """Whether a value can be called, and is not a class."""
    return callable(value) and not inspect.isclass(value)


def takes_two(function: Callable[..., Any]) -> bool:
    """Whether a function can be called with exactly two arguments, neither of them a loader."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    positional = [each for each in parameters if each.kind in POSITIONAL]
    if any("loader" in each.name for each in positional):
        return False
    without_default = [each for each in parameters if each.default is each.empty]
    required = [each for each in without_default if each.kind in POSITIONAL_OR_NAMED]
    return len(required) <= 2 <= len(positional)


def trained_or_refuse(model: Any, training: Training, file: str) -> Any:
    """Refuse a model that nothing was done to: no step, and no gradient was ever asked for."""
    if not training.happened:
        raise Problem(
            Trouble.NOT_DEFINED,
            f"{file} leaves a model but trained nothing: no optimizer took a step. "
            "Is the training loop called?",
        )
    return model
