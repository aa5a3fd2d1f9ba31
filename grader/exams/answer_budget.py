"""How long all answers of one run may take together: said before the run, and ended early."""

from __future__ import annotations

from grader.course.task_file import TaskSpec
from grader.host.machine import CPU

LEAST_ANSWER_SECONDS = 60.0  # as long as the training may take, and this at least


def answer_seconds(spec: TaskSpec, device: str) -> float:
    """Return how many seconds all answers of one run may take: the task's, or by its budget.

    A task of functions has no budget for training, and the least there is for answers.
    """
    if spec.limits.answer_seconds is not None:
        return spec.limits.answer_seconds
    budget = spec.budget
    if budget is None:
        return LEAST_ANSWER_SECONDS
    seconds = budget.cpu_seconds if device == CPU else budget.gpu_seconds
    return max(LEAST_ANSWER_SECONDS, seconds or 0.0)
