"""Scripts and notebooks as people write them: run to the end. What model they leave: `finding`."""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from . import after_training, kept_names, published_files, shell, source_text, spawned
from .frames import Trouble
from .notes import note
from .problem import Problem, explain, shorten
from .time_up import CLOCK, TimeIsUp
from .tracing import trace_script
from .training_trace import Training

# A file that mentions one of these loads its data itself: it is a script.
KNOWN_SOURCES = (
    "torchvision.datasets",
    "torchvision import datasets",
    "keras.datasets",
    "load_dataset",
    "load_digits",
    "load_diabetes",
    "fetch_openml",
    "tfds.load",
    "get_file",
)


def is_script(source: str) -> bool:
    """Whether a file is a script to be run, not one that defines train(data) or load(folder)."""
    try:
        tree = shell.unfolded(ast.parse(source))
    except (SyntaxError, ValueError):
        return False
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    loads_data = any(name in source for name in KNOWN_SOURCES)
    train = defined.get("train")
    if train is not None:
        if not takes_one(train):
            return True
        first_arguments = [each.arg for each in train.args.args][:1]
        return first_arguments != ["data"] and loads_data
    if "load" in defined and takes_one(defined["load"]):
        return does_something(tree) and (loads_data or calls(tree, "load"))
    return "load" in defined or "train" not in names_imported(tree) or does_something(tree)


def names_imported(tree: ast.Module) -> set[str]:
    """Return the names that a file imports from others."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
    return names


def does_something(tree: ast.Module) -> bool:
    """Whether a file runs anything besides its definitions: loops, calls, a main part."""
    for node in tree.body:
        if isinstance(node, ast.For | ast.While | ast.With | ast.If | ast.Try):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return True
    return False


def calls(tree: ast.Module, name: str) -> bool:
    """Whether a file calls one of its functions in its own lines: it is a helper, then."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.If):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                return True
    return False


def takes_one(function: ast.FunctionDef) -> bool:
    """Whether a function can be called with exactly one argument."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    if None in arguments.kw_defaults or required > 1:
        return False
    return positional >= 1 or arguments.vararg is not None


@dataclass
class Ran:
    """A script that was run.

    names: its globals, and below them what its functions held at their end. training: what was
    seen of it. was_stopped: its time was over before it ended.
    """

    module: ModuleType
    file: str
    names: dict[str, Any]
    training: Training
    was_stopped: bool = False


def run_script(folder: Path, file: str) -> Ran:
    """Run a script as `python file` would, with the task's data behind its loaders.

    An error that came after the training, and the end of its time, leave what was trained.
    """
    path = folder / file
    module = ModuleType("__main__")
    module.__file__ = str(path)
    kept = kept_names.Kept()
    module.__dict__[kept_names.KEEPER] = kept
    sys.modules["__main__"] = module
    sys.argv[:] = [str(path)]
    os.chdir(folder)
    training = trace_script(str(folder) + os.sep)
    ran = Ran(module, file, module.__dict__, training)
    inner: dict[str, Any] = {}
    try:
        source_text.run(code_of(path), path, module.__dict__)
        spawned.await_children()
    except MemoryError:
        raise
    except TimeIsUp as stopped:
        ran.was_stopped = True
        inner = kept_names.names_in(stopped.__traceback__, training.folder)
    except SystemExit as ending:
        if CLOCK.is_over:  # as some libraries end a program that is interrupted
            ran.was_stopped = True
            inner = kept_names.names_in(ending.__traceback__, training.folder)
        elif ending.code not in (None, 0):
            raise_unless_trained(ending, training, file)
    except Exception as error:
        raise_unless_trained(error, training, file)
        inner = kept_names.names_in(error.__traceback__, training.folder)
    CLOCK.end()
    spawned.end_children()
    training.end_looks()
    training.look_at_shared()
    ran.names = kept.names() | module.__dict__ | inner
    return ran


def code_of(path: Path) -> ast.Module:
    """Return a script's code, changed so that its functions hand over what they held."""
    source = source_text.read_source(path)
    published_files.lay_down_reviews(source)
    return kept_names.keeping(ast.parse(source, str(path)))


def raise_unless_trained(error: BaseException, training: Training, file: str) -> None:
    """Raise what ended a script, unless its training was over by then; that is noted."""
    if training.happened and training.way:
        way = after_training.way_of(error.__traceback__, training.folder)
        if after_training.is_after(way, training.way):
            note(f"{file} ended with an error after its training, which counts: {shorten(error)}")
            return
    if isinstance(error, SyntaxError | ImportError):
        raise Problem(Trouble.NOT_IMPORTABLE, f"{file} fails: {explain(error)[1]}") from None
    raise error
