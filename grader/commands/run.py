"""`grader run`: grade one's own solution, as often as is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from grader.commands.output import (
    announce,
    console,
    exit_code,
    remember,
    show_result,
    shown_progress,
    working_folder,
)
from grader.course.curriculum import Task
from grader.errors import StoreError
from grader.exams.exam import check_audit
from grader.grading.pipeline import check_device, grade
from grader.intake.submission import open_submission
from grader.records import Result
from grader.results import store
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose, model_name
from grader.terminal import print_spread


def run_submission(
    path: Path,
    results: Path,
    *,
    task_id: str | None,
    sandbox: str,
    device: str,
    author: str | None,
    data_folder: Path | None,
    audit: str,
    repeats: int,
    as_json: bool,
) -> int:
    """Train and grade so many times, store and show each result; returns the exit code of the last
    one.

    Where a result can't be stored it is still shown, and StoreError is raised; no further one is
    made.
    """
    with working_folder() as scratch:
        submission, task = open_submission(path, scratch, task_id=task_id, author=author)
        assert isinstance(task, Task)
        check_device(task, device)
        check_audit(task, audit)
        chosen = choose(device)
        box_maker = choose_sandbox(sandbox, task.spec.exam, gpu=chosen != "cpu")
        earlier = [
            each
            for each in store.load_results(results, task.id)[0]
            if each.device == model_name(chosen)
        ]
        made: list[Result] = []
        lost: StoreError | None = None
        while len(made) < repeats and lost is None:
            if not as_json:
                announce(task, [*earlier, *made], box_maker.tier, model_name(chosen))
            with shown_progress(as_json) as progress:
                try:
                    result = grade(
                        submission,
                        task,
                        box_maker,
                        results,
                        device=chosen,
                        data_folder=data_folder,
                        audit=audit,
                        progress=progress,
                    )
                except StoreError as error:
                    result, lost = error.result, error
            made.append(result)
            remember(path, task, result)
            if not as_json:
                show_result(result, task, [*earlier, *made[:-1]], None if lost else results)
    if as_json:
        write_json(made, as_list=repeats > 1)
    elif len(made) > 1:
        print_spread(console(), made)
    if lost is not None:
        raise lost
    return exit_code(made[-1])


def write_json(made: Sequence[Result], *, as_list: bool) -> None:
    """Write the result, or a list of them where several were asked for."""
    every = [result.model_dump_json(indent=2) for result in made]
    sys.stdout.write((f"[{', '.join(every)}]" if as_list else every[0]) + "\n")
