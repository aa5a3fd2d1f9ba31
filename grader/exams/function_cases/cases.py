"""What a function task consists of: the functions a learner has to write, and the groups of cases
they are asked.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.course.curriculum import Task
from grader.errors import TaskError
from grader.exams.function_cases.compare import Mismatch, compare
from grader.sandbox.box import Value


@dataclass(frozen=True)
class Group:
    """One group of cases: `cases(draw)` yields tuples of arguments, the smallest first."""

    name: str
    cases: Callable[[np.random.Generator], Iterable[tuple[Any, ...]]]
    about: str = ""  # what this group is about, for the learner


@dataclass(frozen=True)
class Function:
    """One function a learner has to write.

    answer: the right answer for the same arguments, computed in float64; a tuple where `returns`
    has several names.
    mistakes: name of a common mistake -> the function it amounts to; a wrong answer that agrees
    with it is named so.
    judge: decides whether an answer is right where many are: from the arguments and what was
    received to what is wrong, or None; `answer` then is one right answer of many, and never shown.
    See `counterexample`.
    axes: the names of each argument's axes, "n d", so that a failing case can be cut down: any axis
    may be shortened in all arguments, if what is left makes sense to the right answer. See
    `shrink.smallest`; none: nothing is cut.
    """

    name: str
    answer: Callable[..., Any]
    groups: Sequence[Group]
    returns: Sequence[str] = ("result",)
    mistakes: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    axes: Sequence[str] = ()
    judge: Callable[[tuple[Any, ...], Sequence[Value]], Mismatch | None] | None = None

    def mismatch(
        self,
        expected: Sequence[Any],
        received: Sequence[Value],
        case: tuple[Any, ...],
        tolerance: Mapping[str, tuple[float, float]],
    ) -> Mismatch | None:
        """Return what is wrong with the values received for a case; None if nothing is."""
        if self.judge is not None:
            return self.judge(case, received)
        return compare(expected, received, case, self.returns, tolerance)


def load_functions(task: Task) -> list[Function]:
    """Import a task's task.py and return its FUNCTIONS; TaskError says what is missing."""
    path = task.folder / "task.py"
    name = f"grader_task_{task.id.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise TaskError(f"{path} does not import: {type(error).__name__}: {error}") from error
    functions = getattr(module, "FUNCTIONS", None)
    if not functions or not all(isinstance(item, Function) for item in functions):
        raise TaskError(
            f"{path} needs FUNCTIONS, a list of grader.exams.function_cases.cases.Function"
        )
    named = {f"{function.name}/{group.name}" for function in functions for group in function.groups}
    weighed = set(task.spec.scoring.groups)
    if named != weighed:
        raise TaskError(
            f"{path} has the groups {sorted(named)} and task.toml gives points to {sorted(weighed)}; make them the same"
        )
    return list(functions)
