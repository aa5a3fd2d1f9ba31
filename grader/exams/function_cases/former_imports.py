"""For one release: tasks that import from inside the grader go on working, and say what to write.

Before `grader` had a public face, a task.py had to import private modules, and these have moved
since. Where a task asks for one by its former name, the module of today is put under that name
before the task's code runs. A person sees one warning a task, with the import to write instead.
"""

from __future__ import annotations

import importlib
import logging
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import grader
from grader.course.curriculum import TASK_FILE, Task, load_task
from grader.course.versions import CODE_FILE, exam_hash, private_imports, read_code

logger = logging.getLogger(__name__)
FORMER = {
    "grader.exams.cases": "grader.exams.function_cases.cases",
    "grader.exams.compare": "grader.exams.function_cases.compare",
    "grader.exams.counterexample": "grader.exams.function_cases.counterexample",
    "grader.exams.failing": "grader.exams.function_cases.failing",
    "grader.exams.shrink": "grader.exams.function_cases.shrink",
    "grader.curriculum": "grader.course.curriculum",
    "grader.score": "grader.course.score",
    "grader.datasets.dataset": "grader.course.dataset",
    "grader.datasets.cifar10": "grader.course.datasets.cifar10",
    "grader.datasets.digits": "grader.course.datasets.digits",
    "grader.datasets.fashion_mnist": "grader.course.datasets.fashion_mnist",
    "grader.datasets.imdb": "grader.course.datasets.imdb",
    "grader.datasets.mnist": "grader.course.datasets.mnist",
    "grader.datasets.tiny_shakespeare": "grader.course.datasets.tiny_shakespeare",
}


def allow_former_imports(task: Task) -> None:
    """Make the former names that a task's code imports work, and warn about them once."""
    imports = private_imports(read_code(task.folder / CODE_FILE))
    if not imports:
        return
    for module, names in imports.items():
        for name in (module, *(f"{module}.{each}" for each in names)):
            if name in FORMER:
                put_under_former_name(name)
    warn_once(task.folder)


def put_under_former_name(former: str) -> None:
    """Let `import former` give the module that has taken its place."""
    module = importlib.import_module(FORMER[former])
    sys.modules[former] = module
    # `from grader.exams import cases` asks the package, not sys.modules.
    package, _, leaf = former.rpartition(".")
    setattr(former_package(package), leaf, module)


def former_package(name: str) -> ModuleType:
    """Return the package that a former name stood in, made where there is none any more."""
    if name in sys.modules:
        return sys.modules[name]
    if find_spec(name) is not None:
        return importlib.import_module(name)
    made = ModuleType(name)
    made.__path__ = []  # what makes it a package
    sys.modules[name] = made
    return made


@cache
def warn_once(folder: Path) -> None:
    """Log what the task in a folder should import instead."""
    path = folder / CODE_FILE
    imports = private_imports(read_code(path))
    names = [name for each in imports.values() for name in each]
    public = [name for name in names if name in grader.__all__]
    private = [name for name in names if name not in grader.__all__]
    advice = [f"{path} imports from inside the grader ({', '.join(sorted(imports))})."]
    advice.append("This release still loads it; the next one will not.")
    if public:
        advice.append(f"Write instead: from grader import {', '.join(public)}.")
    if private:
        advice.append(
            f"The public interface lacks {', '.join(private)}: copy what you need into {CODE_FILE}."
        )
    logger.warning("%s %s", " ".join(advice), how_to_keep_results(folder))


def how_to_keep_results(folder: Path) -> str:
    """Say what keeps a task's results on their boards once its imports are renewed."""
    task = load_task(folder)
    today = exam_hash(task.spec, folder)
    return (
        f"To keep the results of the task on their boards, add to its {TASK_FILE}:\n"
        f'[same_as]\n"{today}" = "{task.exam_version}"'
    )
