"""Scripts and notebooks as people write them: run to the end, then look for the model they leave."""

from __future__ import annotations

import ast
import gc
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from . import loaders
from .frames import Trouble
from .problem import Problem, explain

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


def run_script(folder: Path, file: str, names: Sequence[str] = MODEL_NAMES) -> tuple[ModuleType, Any]:
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
    return module, find_model(module, file, training, names)


class NoShell:
    """Stands in for IPython's shell, which scripts exported from notebooks call for magics: every call does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


@dataclass
class Training:
    """What was seen of a script's training with torch."""

    optimizers: list[Any] = field(default_factory=list)  # every one that took a step
    models: list[Any] = field(default_factory=list)  # what they trained, kept alive: main() drops its own at its end
    backward: bool = False  # a gradient was asked for

    def parameters(self) -> set[int]:
        return {id(each) for optimizer in self.optimizers for each in parameters_of(optimizer)}


def parameters_of(optimizer: Any) -> list[Any]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def watch_training() -> Training:
    """Return a record that fills as the script trains, if PyTorch can be had."""
    seen = Training()
    try:
        import torch
        from torch.optim.optimizer import register_optimizer_step_post_hook
    except ImportError:
        return seen

    def remember(optimizer: Any, *_: Any) -> None:
        if not any(known is optimizer for known in seen.optimizers):
            seen.optimizers.append(optimizer)
            seen.models.extend(modules_with(torch, {id(parameter) for parameter in parameters_of(optimizer)}))

    def noticing(original: Callable[..., Any]) -> Callable[..., Any]:
        def ask_gradients(*arguments: Any, **options: Any) -> Any:
            seen.backward = True
            return original(*arguments, **options)

        return ask_gradients

    register_optimizer_step_post_hook(remember)
    torch.autograd.backward = noticing(torch.autograd.backward)
    torch.autograd.grad = noticing(torch.autograd.grad)
    return seen


def find_model(module: ModuleType, file: str, training: Training, wanted: Sequence[str] = MODEL_NAMES) -> Any:
    """Return the trained model: the one the optimizer stepped, else the only one, else the one with a wanted name."""
    torch = sys.modules.get("torch")
    none_left = Problem(
        Trouble.NOT_DEFINED, f"{file} ran to its end and left no model; expected a global `{wanted[0]}`, or train(data)"
    )
    if torch is None:
        raise none_left
    here = {
        name: value
        for name, value in module.__dict__.items()
        if isinstance(value, torch.nn.Module) and not isinstance(value, torch.nn.modules.loss._Loss)
    }
    here = {name: value for name, value in here.items() if any(True for _ in value.parameters())}
    trained = training.parameters()
    stepped = outermost([value for value in here.values() if trained & {id(p) for p in value.parameters()}])
    stepped = stepped or outermost(training.models)
    if len(stepped) == 1:
        return stepped[0]
    candidates = stepped or outermost(list(here.values()))
    if not candidates:
        raise none_left
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


def trained_or_refuse(model: Any, training: Training, file: str) -> Any:
    """Refuse a model that nothing was done to: no optimizer stepped, no gradient was ever asked for."""
    if not training.optimizers and not training.backward:
        raise Problem(
            Trouble.NOT_DEFINED,
            f"{file} leaves a model but trained nothing: no optimizer took a step. Is the training loop called?",
        )
    return model


def modules_with(torch: Any, parameters: set[int]) -> list[Any]:
    """Return the outermost living modules that hold any of these parameters."""
    found = []
    for value in gc.get_objects():
        try:
            if issubclass(type(value), torch.nn.Module) and parameters & {id(each) for each in value.parameters()}:
                found.append(value)
        except Exception:  # whatever a learner's object does when it is looked at
            continue
    return outermost(found)


def outermost(modules: list[Any]) -> list[Any]:
    """Return the modules that are not part of another one in the list, each once."""
    unique = list({id(module): module for module in modules}.values())
    parts = {id(part) for module in unique for part in module.modules() if part is not module}
    return [module for module in unique if id(module) not in parts]
