"""The first box of a function task, started while the grader still imports what its exam needs."""

from __future__ import annotations

from grader.course.curriculum import Task
from grader.host.machine import CPU
from grader.records import Submission
from grader.sandbox.choose import FUNCTIONS_EXAM, PROCESS_NAMES
from grader.sandbox.limits import limits_of
from grader.sandbox.runner_process import HeadStart


def begin_early(
    early: HeadStart, submission: Submission, task: Task, sandbox: str, device: str = CPU
) -> None:
    """Start the box if it is known by now which one will be asked first.

    Function tasks alone: a training takes so much longer that it does not matter when it begins.
    """
    if task.spec.exam != FUNCTIONS_EXAM or sandbox not in PROCESS_NAMES or device != CPU:
        return
    early.begin(submission.box_folder, limits_of(task.spec.limits), device)
