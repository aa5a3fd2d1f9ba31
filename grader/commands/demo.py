"""`grader demo`: the whole way with real submissions, needing neither a download nor an engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.course.curriculum import find_task
from grader.exams.exam import Progress
from grader.grading.pipeline import grade
from grader.host.ownership import temporary_folder
from grader.intake.submission import open_submission
from grader.records import Status
from grader.sandbox.choose import choose_sandbox

SHOWN = ("neuron", "activations", "digits")


def run_demo(
    results: Path, sandbox_name: str, progress: Progress, say: Callable[[str], None]
) -> bool:
    """Grade every reference of the demo's tasks; returns whether all were accepted."""
    say(f"grading the references of {', '.join(SHOWN)}, for real: about half a minute\n")
    accepted = True
    for task_id in SHOWN:
        sandbox = choose_sandbox(sandbox_name, find_task(task_id).spec.exam)
        for reference in find_task(task_id).references:
            with temporary_folder("run") as scratch:
                submission, task = open_submission(
                    reference, scratch, task_id=task_id, author="reference"
                )
                result = grade(submission, task, sandbox, results, progress=progress)
            accepted &= result.verdict.status is Status.ACCEPTED
            score = "-" if result.score is None else f"{result.score.total:g}"
            verdict = result.verdict
            say(
                f"{task_id:<12} {reference.name:<12} {verdict.status.value:<12} score {score:>6}   {verdict.reason}"
            )
    return accepted
