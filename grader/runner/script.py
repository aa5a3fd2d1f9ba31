"""Scripts and notebooks as people write them: run to the end, then look for the model they leave."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import loaders
from .frames import Trouble
from .problem import Problem, explain

if TYPE_CHECKING:
    from .entry import Data

MODEL_NAMES = ("model", "net", "network", "classifier")


def is_script(source: str) -> bool:
    """Whether a file is a script to be run, and not one that defines train(data) or load(folder)."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if "load" in defined and "train" not in defined:
        return not takes_one(defined["load"])
    if "train" not in defined:
        imported = {
            alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
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


def run_script(folder: Path, file: str, data: Data, dataset: str) -> tuple[ModuleType, Callable[[Any], Any]]:
    """Run a script as `python file` would, with the task's data behind its loaders.

    Returns its namespace as a module, and what answers a batch of raw inputs.
    """
    given = loaders.give(data.inputs, data.labels, dataset)
    path = folder / file
    module = ModuleType("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    sys.argv[:] = [str(path)]
    os.chdir(folder)
    watch = watch_optimizers()
    try:
        code = compile(path.read_text("utf-8"), str(path), "exec")
        exec(code, module.__dict__)
    except SystemExit as ending:
        if ending.code not in (None, 0):
            raise
    except loaders.NotThisTask as error:
        raise Problem(Trouble.NOT_DEFINED, str(error)) from None
    except (SyntaxError, ImportError) as error:
        raise Problem(Trouble.NOT_IMPORTABLE, f"{file} does not run: {explain(error)[1]}") from None
    own = getattr(module, "predict", None)
    model = find_model(module, file, watch)
    if callable(own) and takes_two(own):
        return module, lambda batch: own(model, batch)
    from . import with_torch

    return module, with_torch.answerer(model, data, transform=with_torch.evaluation_transform(given.transforms))


def takes_two(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and code.co_argcount - len(function.__defaults__ or ()) <= 2 <= code.co_argcount


def watch_optimizers() -> list[Any]:
    """Return a list that will hold every torch optimizer that takes a step, if PyTorch can be had."""
    seen: list[Any] = []
    try:
        from torch.optim.optimizer import register_optimizer_step_post_hook
    except ImportError:
        return seen

    def remember(optimizer: Any, *_: Any) -> None:
        if not any(known is optimizer for known in seen):
            seen.append(optimizer)

    register_optimizer_step_post_hook(remember)
    return seen


def find_model(module: ModuleType, file: str, optimizers: list[Any]) -> Any:
    """Return the trained model: the one the optimizer stepped, else the only one, else the one called model or net."""
    torch = sys.modules.get("torch")
    if torch is None:
        raise Problem(
            Trouble.NOT_DEFINED, f"{file} ran to its end and left no model; expected a global `model`, or train(data)"
        )
    here = {
        name: value
        for name, value in module.__dict__.items()
        if isinstance(value, torch.nn.Module) and not isinstance(value, torch.nn.modules.loss._Loss)
    }
    here = {name: value for name, value in here.items() if any(True for _ in value.parameters())}
    trained = {id(parameter) for each in optimizers for group in each.param_groups for parameter in group["params"]}
    stepped = outermost([value for value in here.values() if trained & {id(p) for p in value.parameters()}])
    if not stepped and trained:
        stepped = outermost(alive_modules(torch, trained))
    if len(stepped) == 1:
        return stepped[0]
    candidates = stepped or outermost(list(here.values()))
    names = [name for name, value in here.items() if any(value is each for each in candidates)]
    for name in MODEL_NAMES:
        if name in names and len([each for each in names if each in MODEL_NAMES]) == 1:
            return trained_or_refuse(here[name], trained, file)
    if not candidates:
        raise Problem(
            Trouble.NOT_DEFINED, f"{file} ran to its end and left no model; expected a global `model`, or train(data)"
        )
    if len(candidates) == 1:
        return trained_or_refuse(candidates[0], trained, file)
    raise Problem(
        Trouble.NOT_DEFINED,
        f"{file} leaves {len(candidates)} models: {', '.join(names) or 'without names'}; "
        "which one is meant? Call it `model`",
    )


def trained_or_refuse(model: Any, trained: set[int], file: str) -> Any:
    """Refuse a model that nothing was done to: no optimizer stepped, no gradient ever arrived."""
    if not trained and all(parameter.grad is None for parameter in model.parameters()):
        raise Problem(
            Trouble.NOT_DEFINED,
            f"{file} leaves a model but trained nothing: no optimizer took a step. Is the training loop called?",
        )
    return model


def alive_modules(torch: Any, trained: set[int]) -> list[Any]:
    """Return modules that hold trained parameters but have no global name, as those made inside main()."""
    import gc

    found = []
    for value in gc.get_objects():
        try:
            if isinstance(value, torch.nn.Module) and trained & {id(p) for p in value.parameters()}:
                found.append(value)
        except Exception:
            continue
    return found


def outermost(modules: list[Any]) -> list[Any]:
    """Return the modules that are not part of another one in the list, each once."""
    unique = list({id(module): module for module in modules}.values())
    parts = {id(part) for module in unique for part in module.modules() if part is not module}
    return [module for module in unique if id(module) not in parts]
