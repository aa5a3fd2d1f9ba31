"""Scripts and notebooks as people write them: run to the end, then look for the model they
leave.
"""

from __future__ import annotations

import ast
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from . import loaders
from .frames import Trouble
from .problem import Problem, explain
from .training_trace import Training, is_model, outermost, watch_training, weights

MODEL_NAMES = ("model", "net", "network", "classifier")
PARAMETER_NAMES = ("params", "parameters", "weights")
FUNCTION_NAMES = (
    *(
        "batched_predict",
        "batch_predict",
        "predict",
        "batched_forward",
        "forward",
        "apply",
        "predict_batch",
    ),
    *("forward_pass", "logits", "mlp", "nn"),
)
POSITIONAL_OR_NAMED = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


def is_script(source: str) -> bool:
    """Whether a file is a script to be run, and not one that defines train(data) or
    load(folder).
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if "load" in defined and "train" not in defined:
        return not takes_one(defined["load"])
    if "train" not in defined:
        imported = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        return "train" not in imported
    if not takes_one(defined["train"]):
        return True
    named_data = [arg.arg for arg in defined["train"].args.args][:1] == ["data"]
    return not named_data and any(source_name in source for source_name in loaders.KNOWN_SOURCES)


def takes_one(function: ast.FunctionDef) -> bool:
    """Whether a function can be called with exactly one argument."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    keywords = sum(default is None for default in arguments.kw_defaults)
    return keywords == 0 and required <= 1 and (positional >= 1 or arguments.vararg is not None)


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
    training = watch_training()
    try:
        code = compile(path.read_text("utf-8"), str(path), "exec")
        exec(code, module.__dict__)
    except SystemExit as ending:
        if ending.code not in (None, 0):
            raise
    except (SyntaxError, ImportError) as error:
        raise Problem(Trouble.NOT_IMPORTABLE, f"{file} does not run: {explain(error)[1]}") from None
    model = find_model(module, file, training, names)
    training.account.close(model)
    return module, model


class NoShell:
    """Stands in for IPython's shell, which scripts exported from notebooks call for magics: every
    call does nothing.
    """

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


@dataclass
class Parameters:
    """What a script leaves that trained a plain function: its parameters, and functions that may
    apply them.
    """

    values: Any
    functions: list[Callable[..., Any]]


def find_model(
    module: ModuleType, file: str, training: Training, wanted: Sequence[str] = MODEL_NAMES
) -> Any:
    """Return the trained model: the one that was fit or stepped, else the only one, else the one
    with a wanted name.

    Without a network of PyTorch or Keras: a callable with a wanted name, or `params` and the
    functions beside it.
    """
    here = {name: value for name, value in module.__dict__.items() if is_model(value)}
    trained = training.parameters()
    fit = [fed.model for fed in training.fed if fed.whole]
    stepped = outermost([value for value in here.values() if trained & weights(value)])
    stepped = stepped or outermost([*training.models, *fit])
    if len(stepped) == 1:
        return stepped[0]
    candidates = stepped or outermost(list(here.values()))
    if not candidates:
        return plain_model(module, file, wanted)
    names = [name for name, value in here.items() if any(value is each for each in candidates)]
    for name in wanted:
        if name in names and len([each for each in names if each in wanted]) == 1:
            return trained_or_refuse(here[name], training, file)
    if len(candidates) == 1:
        return trained_or_refuse(candidates[0], training, file)
    first_names = {id(here[name]): name for name in reversed(names)}
    called = f": {', '.join(reversed(first_names.values()))}" if names else " without global names"
    raise Problem(
        Trouble.NOT_DEFINED,
        f"{file} leaves {len(candidates)} models{called}; which one is meant? Leave it as a global `{wanted[0]}`",
    )


def plain_model(module: ModuleType, file: str, wanted: Sequence[str]) -> Any:
    """Return a model that is no network of PyTorch or Keras: a callable, or parameters with their
    functions.
    """
    names = module.__dict__
    parameters = next(
        (names[name] for name in PARAMETER_NAMES if names.get(name) is not None), None
    )
    if parameters is not None:
        functions = [
            names[name] for name in (*FUNCTION_NAMES, *wanted) if callable(names.get(name))
        ]
        functions = [each for each in functions if not inspect.isclass(each) and takes_two(each)]
        if functions:
            return Parameters(parameters, functions)
    for name in wanted:
        value = names.get(name)
        usable = callable(value) and not inspect.isclass(value)
        if usable or (value is not None and callable(names.get("predict"))):
            return value
    raise Problem(
        Trouble.NOT_DEFINED,
        f"{file} ran to its end and left no model; expected a global `{wanted[0]}`, "
        "or `params` with predict(params, inputs), or train(data)",
    )


def takes_two(function: Callable[..., Any]) -> bool:
    """Whether a function can be called with exactly two arguments, neither of them a loader."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    positional = [
        each
        for each in parameters
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    required = [
        each
        for each in parameters
        if each.default is each.empty and each.kind in POSITIONAL_OR_NAMED
    ]
    if any("loader" in each.name for each in positional):
        return False
    return len(required) <= 2 <= len(positional)


def trained_or_refuse(model: Any, training: Training, file: str) -> Any:
    """Refuse a model that nothing was done to: no optimizer stepped, no gradient was ever asked
    for.
    """
    if not training.happened:
        raise Problem(
            Trouble.NOT_DEFINED,
            f"{file} leaves a model but trained nothing: no optimizer took a step. Is the training loop called?",
        )
    return model
