"""Changes modules right after they are imported: what a submission never imports costs nothing.

A finder stands first on `sys.meta_path`, lets the usual ones find a module, and calls what was
registered for its name once the module has run. Another one stands last and answers for modules
that nobody has.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import FrameType, ModuleType

Change = Callable[[ModuleType], None]
CHANGES: dict[str, list[Change]] = {}
# name -> what fills the module made in place of one that is not installed
STAND_INS: dict[str, Change] = {}
# Those of them that only the submission gets: a library that asks is told the truth.
FOR_LEARNERS: set[str] = set()
WHOLE: set[str] = set()  # of them, those whose every part has the same stand-in
FOLDER: list[str] = [""]  # of the submission


def after_import(name: str, change: Change) -> None:
    """Call `change` with the module once it is imported: now if it is already there."""
    if name in sys.modules:
        change(sys.modules[name])
    CHANGES.setdefault(name, []).append(change)


def stand_in(
    name: str, fill: Change, *, for_learners: bool = False, is_whole: bool = False
) -> None:
    """Let `import name` give a module filled by `fill` where no such package is installed.

    for_learners: only to the submission's own code. Libraries look for loggers and notebooks to
    find out what they may use, and would take a stand-in for the real thing. is_whole: modules
    inside it are filled the same way, whatever they are called.
    """
    STAND_INS[name] = fill
    if is_whole:
        WHOLE.add(name)
    if for_learners:
        FOR_LEARNERS.add(name)


def install() -> None:
    """Begin to watch imports; what was registered before is forgotten."""
    CHANGES.clear()
    STAND_INS.clear()
    FOR_LEARNERS.clear()
    WHOLE.clear()
    others = [each for each in sys.meta_path if not isinstance(each, AfterImport | StandIns)]
    sys.meta_path[:] = [AfterImport(), *others, StandIns()]


class AfterImport(importlib.abc.MetaPathFinder):
    """Lets the usual finders find a module, and changes it right after it ran."""

    def __init__(self) -> None:
        self._inside: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in CHANGES or name in self._inside:
            return None
        self._inside.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._inside.discard(name)
        if spec is not None and spec.loader is not None and not isinstance(spec.loader, StandIns):
            change_after(spec.loader, name)
        return spec


def change_after(loader: importlib.abc.Loader, name: str) -> None:
    """Let a loader call what is registered for a module once it has run that module."""
    run = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        run(module)
        for change in list(CHANGES[name]):
            change(module)

    loader.exec_module = exec_module  # type: ignore[method-assign]


def learner_imports() -> bool:
    """Whether the import that goes on now stands in the submission's own code."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        file = frame.f_code.co_filename
        is_machinery = "importlib" in file or file == __file__
        if not is_machinery:
            return file.startswith(FOLDER[0])
        frame = frame.f_back
    return False


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: makes the modules of STAND_INS."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        known = stood_in(name)
        if not known or (known in FOR_LEARNERS and not learner_imports()):
            return None
        # A package, so that `import name.part` looks further: here, or it is said to be missing.
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        STAND_INS[stood_in(module.__name__)](module)


def stood_in(name: str) -> str:
    """Return the stand-in that a module is, or is a part of; empty if there is none."""
    if name in STAND_INS:
        return name
    parent, _, _ = name.rpartition(".")
    while parent and parent not in WHOLE:
        parent, _, _ = parent.rpartition(".")
    # A part of a package that is here is looked up in the package alone.
    is_stand_in = isinstance(getattr(sys.modules.get(parent), "__loader__", None), StandIns)
    return parent if is_stand_in else ""
