"""A grader and benchmark for people who learn deep learning.

This is the public face: other programs and the tasks themselves import from here alone. Whatever
else is in the package may change without notice. A name is imported when it is first used, so
`import grader` takes a few milliseconds.

**For programs.** Look at the course, grade something that was handed in, read what was graded:

    >>> import grader
    >>> [task.id for task in grader.all_tasks() if task.spec.stage == "attention"]
    ['attention', 'hunt-future', 'text-generation']
    >>> neuron: grader.Task = grader.find_task("neuron")
    >>> result: grader.Result = grader.grade(neuron.references[0], results="my-results")
    >>> result.verdict.status is grader.Status.ACCEPTED, result.score.total
    (True, 100.0)
    >>> cases: grader.Measured = result.measurements["cases"]
    >>> cases.value, cases.unit
    (1.0, 'share of cases')
    >>> table = grader.results_frame(grader.load_results("my-results"))
    >>> table[["task", "verdict", "score"]].values.tolist()
    [['neuron', 'accepted', 100.0]]

A `Result` has the fields that docs/measure/results-format.md describes, with a `Verdict`, a `Score`
(None for the grader's own trouble), a `Tier` (how strong the isolation was) and, for function
tasks, a `CaseGroup` for each group of cases:

    >>> isinstance(result.verdict, grader.Verdict), isinstance(result.score, grader.Score)
    (True, True)
    >>> result.tier is grader.Tier.PROCESS, isinstance(result.cases[0], grader.CaseGroup)
    (True, True)

**Errors** say who has to act. A submission that fails while it is graded is no error but a
verdict. All errors are a `GraderError`, and its message says what was found, what was expected and
what to do:

    >>> try:
    ...     grader.find_task("neurn")
    ... except grader.UsageError as error:
    ...     print(error)
    there is no task 'neurn'. Did you mean 'neuron'? `grader tasks` lists all of them
    >>> errors = (grader.UsageError, grader.SubmissionRefused, grader.TaskError, grader.DataError,
    ...           grader.SandboxError, grader.StoreError)
    >>> all(issubclass(error, grader.GraderError) for error in errors)
    True

**For task authors.** A function task lists its functions in task.py; see
docs/teach/writing-a-task.md:

    >>> import numpy as np
    >>> from grader import Function, Group
    >>> def small(draw):                      # draw: numpy.random.Generator, fresh in each run
    ...     yield np.array([1.0, 2.0]), 3.0   # the arguments of one case
    ...     yield draw.normal(size=3), 2.0
    >>> FUNCTIONS = [
    ...     Function(
    ...         name="scale",
    ...         answer=lambda x, by: x * by,  # computed in float64, outside the box
    ...         groups=[Group("small", small, "two or three numbers")],
    ...         mistakes={"the factor was added": lambda x, by: x + by},
    ...     )
    ... ]

Where many answers are right, a `judge` decides. `counterexample` makes one for functions that have
to find an input on which another function goes wrong; `Wanted` says what each part of that input
has to be. A judge takes the arguments of a case and the `Value`s that were answered, and returns a
`Mismatch`, or None where nothing is wrong:

    >>> from grader import Mismatch, Value, Wanted, counterexample
    >>> def mean(x):
    ...     return x.sum() / 10               # wrong for all x but those of ten numbers
    >>> def wanted(size):                     # from the arguments of a case
    ...     return [Wanted(shape=(size,), low=-1.0, high=1.0)]
    >>> judge = counterexample(wrong=mean, right=np.mean, wanted=wanted)
    >>> judge((4,), [Value.of(np.ones(4))]) is None
    True
    >>> found = judge((4,), [Value.of(np.zeros(4))])
    >>> isinstance(found, Mismatch), found.what
    (True, 'mean() gets this right')
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.course.curriculum import Task, all_tasks, find_task
    from grader.errors import (
        DataError,
        GraderError,
        SandboxError,
        StoreError,
        SubmissionRefused,
        TaskError,
        UsageError,
    )
    from grader.exams.function_cases.cases import Function, Group
    from grader.exams.function_cases.compare import Mismatch
    from grader.exams.function_cases.counterexample import Wanted, counterexample
    from grader.interface import grade, load_results, results_frame
    from grader.records import CaseGroup, Measured, Result, Score, Status, Tier, Verdict
    from grader.sandbox.box import Value

__version__ = "0.1.0"

__all__ = [
    "all_tasks",
    "find_task",
    "Task",
    "grade",
    "load_results",
    "results_frame",
    "Result",
    "Verdict",
    "Status",
    "Score",
    "Measured",
    "CaseGroup",
    "Tier",
    "GraderError",
    "UsageError",
    "SubmissionRefused",
    "TaskError",
    "DataError",
    "SandboxError",
    "StoreError",
    "Function",
    "Group",
    "counterexample",
    "Wanted",
    "Mismatch",
    "Value",
]

# Where each public name is made. Importing all of these at once would bring NumPy and pydantic, and
# take ten times as long as `grader --help` may.
MADE_IN = {
    "grader.course.curriculum": ("Task", "all_tasks", "find_task"),
    "grader.errors": (
        "DataError",
        "GraderError",
        "SandboxError",
        "StoreError",
        "SubmissionRefused",
        "TaskError",
        "UsageError",
    ),
    "grader.exams.function_cases.cases": ("Function", "Group"),
    "grader.exams.function_cases.compare": ("Mismatch",),
    "grader.exams.function_cases.counterexample": ("Wanted", "counterexample"),
    "grader.interface": ("grade", "load_results", "results_frame"),
    "grader.records": ("CaseGroup", "Measured", "Result", "Score", "Status", "Tier", "Verdict"),
    "grader.sandbox.box": ("Value",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    for module, names in MADE_IN.items():
        if name in names:
            value = getattr(importlib.import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


OLDEST_PYTHON = (3, 11)


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook the magics `%%grade` and `%grader`: what `%load_ext grader` calls."""
    missing = "is older than 3.11" if sys.version_info < OLDEST_PYTHON else ""
    if not missing:
        try:
            magics = importlib.import_module("grader.notebook.magics")
        except ImportError as error:
            missing = f"has no {error.name}"
    if missing:
        version = ".".join(map(str, sys.version_info[:3]))
        print(
            f"grader: the kernel of this notebook is Python {version} ({sys.executable}), which "
            f"{missing}. The grader and what it needs must be installed in the kernel's own "
            "Python: run `%pip install dl-grader` in a cell and restart the kernel, or choose "
            "another kernel",
            file=sys.stderr,
        )
        return
    magics.load(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
