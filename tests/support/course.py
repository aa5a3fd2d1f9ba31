"""The tasks of the course, and what tests do with the functions of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from grader.course.curriculum import Task, all_tasks, course_folder
from grader.exams.function_cases.cases import Function, as_tuple
from grader.sandbox.box import Value

SEEDS = range(3)
SMALL = 20_000  # elements; larger cases are left to the box

TASKS = [task for task in all_tasks() if task.folder.parent == course_folder("tasks")]
FUNCTION_TASKS = [task for task in TASKS if task.spec.exam == "functions"]


def drawn(function: Function, seeds: Iterable[int] = SEEDS) -> list[tuple[Any, ...]]:
    """Return cases of every group for the seeds, without the very large ones."""
    found = []
    for seed in seeds:
        for group in function.groups:
            for case in map(tuple, group.cases(np.random.default_rng(seed))):
                if sum(np.size(item) for item in case) <= SMALL:
                    found.append(case)
    return found


def agrees(task: Task, function: Function, case: tuple[Any, ...], answer: Any) -> bool:
    """Whether an answer would be right for this case."""
    received = [Value.of(item) for item in as_tuple(answer, function)]
    expected = as_tuple(function.answer(*case), function)
    return function.mismatch(expected, received, case, task.spec.tolerance) is None
