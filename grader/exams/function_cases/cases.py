"""The public interface of the authors of function tasks: `Function`, `Group`, and task.py.

A function task is a folder with a `task.py` that defines `FUNCTIONS`, a list of `Function`. Each
has its right answer and groups of cases. The exam draws the cases afresh in every run, so that
answers cannot be learned by heart; it asks the learner's function in the box, computes the right
answer outside of it, and gives points by group (`[scoring.groups]` in task.toml).
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.course.curriculum import Task
from grader.errors import TaskError
from grader.exams.function_cases.compare import Mismatch, Tolerance, compare
from grader.exams.function_cases.former_imports import allow_former_imports
from grader.exams.function_cases.shrink import axis_sizes
from grader.sandbox.box import Value

Case = tuple[Any, ...]  # the arguments of one call


@dataclass(frozen=True)
class Group:
    """A named group of cases, which earns its points as a whole or not at all.

    name: task.toml gives it points as "function/name" in `[scoring.groups]`.
    cases: takes a fresh NumPy generator and yields tuples of arguments, the smallest case first:
        of those that fail, the smallest is shown, and the first of equal ones. An argument is a
        NumPy array of at most 7 axes, a Python bool, int, float or text, or a list of texts; a call
        takes at most 16.
    about: what the group is about, for the learner.

    >>> import numpy as np
    >>> from grader import Group
    >>> def few_numbers(draw):
    ...     yield (np.array([3.0, 4.0]),)
    ...     yield (draw.normal(size=5),)
    >>> group = Group("typical", few_numbers, "vectors of two and five numbers")
    >>> [len(x) for (x,) in group.cases(np.random.default_rng(0))]
    [2, 5]
    """

    name: str
    cases: Callable[[np.random.Generator], Iterable[Case]]
    about: str = ""


@dataclass(frozen=True)
class Function:
    """One function that a learner has to write, and everything needed to grade it.

    name: what the learner's function is called.
    answer: the right answer for the same arguments; its parameters give the arguments their names
        in messages. Compute in float64 and by the most trustworthy formula, not the fastest. It
        must not raise for the task's own cases (TaskError when the task is graded).
    groups: the cases, in the order in which they are asked and shown.
    returns: the names of the returned values. With more than one, `answer` and the learner's
        function return a tuple of as many.
    mistakes: name of a common mistake -> the function it amounts to. If all failing cases of a
        group agree with one, the learner is told "this is what comes out if ...": let the name go
        on from there. What it raises or warns about is ignored.
    axes: the names of each argument's axes, such as ("n d", "d k", "k") for `layer(X, W, b)`, so
        that a failing case can be cut down before it is shown. Axes of one name are cut together;
        "." is never cut; "" stands for an argument without axes. Name an axis only if every shorter
        one makes sense too. None: nothing is cut. TaskError if they do not fit the cases.
    judge: for tasks with many right answers. Takes the arguments of a case and the values received,
        and returns what is wrong, or None. `answer` is then one right answer of many and never
        shown. `counterexample` makes one.

    An answer is compared in the order type, shape, dtype, finite, value. Relative and absolute
    tolerance are 1e-7 and 1e-9 for float64, 1e-4 and 1e-6 for float32, 2e-2 and 2e-3 for float16;
    the coarsest floating dtype among the arguments decides, and `[tolerance]` in task.toml replaces
    them.

    >>> import numpy as np
    >>> from grader import Function, Group
    >>> def mean_squared_error(predictions, targets):
    ...     return float(np.mean((predictions - targets) ** 2))
    >>> def vectors(draw):
    ...     yield (np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    ...     yield (draw.normal(size=100), draw.normal(size=100))
    >>> function = Function(
    ...     name="mean_squared_error",
    ...     answer=mean_squared_error,
    ...     groups=[Group("typical", vectors, "two and a hundred numbers")],
    ...     mistakes={"the sum was taken, not the mean": lambda p, t: float(np.sum((p - t) ** 2))},
    ...     axes=("n", "n"),
    ... )
    >>> function.answer(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    2.0
    """

    name: str
    answer: Callable[..., Any]
    groups: Sequence[Group]
    returns: Sequence[str] = ("result",)
    mistakes: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    axes: Sequence[str] = ()
    judge: Callable[[Case, Sequence[Value]], Mismatch | None] | None = None

    def mismatch(
        self, expected: Sequence[Any], received: Sequence[Value], case: Case, tolerance: Tolerance
    ) -> Mismatch | None:
        """Return what is wrong with the values received for a case; None if nothing is.

        expected, received: one for each name in `returns`.
        """
        if self.judge is not None:
            return self.judge(case, received)
        return compare(expected, received, case, self.returns, tolerance)


# What an exam does with a function; not for task authors.


def draw_cases(function: Function, group: Group, draw: np.random.Generator) -> list[Case]:
    """Return the cases of a group; TaskError if the function's `axes` do not fit them."""
    cases = [tuple(case) for case in group.cases(draw)]
    if not function.axes:
        return cases
    for case in cases:
        try:
            axis_sizes(case, function.axes)
        except ValueError as error:
            raise TaskError(
                f"task.py: the axes of {function.name}() don't fit its own case: {error}"
            ) from None
    return cases


def right_answer(function: Function, case: Case) -> tuple[Any, ...]:
    """Return the right answer to a case, one value for each name in `returns`.

    TaskError if the task's own answer raises: that is no fault of the learner.
    """
    try:
        return as_tuple(function.answer(*case), function)
    except TaskError:
        raise
    except Exception as error:
        name = f"{type(error).__name__}: {error}"
        raise TaskError(
            f"task.py: the right answer of {function.name}() raised {name} for its own case"
        ) from error


def as_tuple(answer: Any, function: Function) -> tuple[Any, ...]:
    """Return an answer as one value for each name in `returns`; TaskError if it has not as many."""
    count = len(function.returns)
    if count == 1:
        return (answer,)
    if not isinstance(answer, tuple) or len(answer) != count:
        raise TaskError(
            f"the right answer of {function.name}() must be a tuple of {count} values, one for "
            "each name in `returns`"
        )
    return answer


# task.py.


def load_functions(task: Task) -> list[Function]:
    """Import a task's task.py and return its FUNCTIONS.

    TaskError if it does not import, has no FUNCTIONS, or has other groups than task.toml.
    """
    path = task.folder / "task.py"
    allow_former_imports(task)
    module = import_task_file(path, f"grader_task_{task.id.replace('-', '_')}")
    functions = getattr(module, "FUNCTIONS", None)
    if not functions or not all(isinstance(item, Function) for item in functions):
        raise TaskError(f"{path} must define FUNCTIONS, a list of grader.Function")
    groups_must_agree(path, functions, task.spec.scoring.groups)
    return list(functions)


def import_task_file(path: Path, name: str) -> ModuleType:
    """Import a file of a task under a name of its own; TaskError if it raises an exception.

    It is put into `sys.modules` first, because dataclasses and pickles look their module up there.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise TaskError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def groups_must_agree(
    path: Path, functions: Sequence[Function], points: Mapping[str, object]
) -> None:
    """Raise TaskError if task.py and task.toml do not name the same groups."""
    defined = {
        f"{function.name}/{group.name}" for function in functions for group in function.groups
    }
    if defined != set(points):
        raise TaskError(
            f"{path} defines the groups {sorted(defined)}, but task.toml gives points to "
            f"{sorted(points)}; make the two match"
        )
